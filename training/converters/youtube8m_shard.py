"""Converts one shard of YouTube-8M: the videos of the wanted labels become items, the rest is counted.

Knows the records, not where shards come from, nor what other shards hold.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from training.converters.parts import Converted, LeftOut
from training.converters.tfrecord import Damage, Record, read_records
from training.converters.youtube8m_messages import RecordParser, UnusableRecord, VideoRecord
from training.errors import PairSetError
from training.pair_set import Item, Split
from training.pair_set_writer import Features

Level = Literal["frame", "video"]
RGB_DIM, AUDIO_DIM = 1024, 128
# A shard's records that were not asked for make one line, not one each: of the whole set they are millions.
OTHER_LABELS, NO_LABELS = "shard_has_other_labels", "shard_has_records_without_labels"
_HASHED = 1 << 64


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records become items. `labels` None: all; `min_steps` is for frame level, where a step is a second."""

    level: Level
    labels: frozenset[int] | None
    min_steps: int

    def passes_over(self, labels: Sequence[int]) -> str | None:
        """The reason where a record's labels are not asked for."""
        if self.labels is None or not self.labels.isdisjoint(labels):
            return None
        return OTHER_LABELS if labels else NO_LABELS


@dataclass(frozen=True, slots=True)
class Splitting:
    """The split of a shard's videos; of those to train on, a share drawn by their names is held out to validate."""

    split: Split
    validation_share: float
    seed: int

    def split_of(self, video_id: str) -> Split:
        """The same for an id in every shard, on every machine and in every order."""
        drawn = int.from_bytes(sha256(f"{self.seed}:{video_id}".encode()).digest()[:8], "big")
        is_held_out = self.split == "train" and drawn < self.validation_share * _HASHED
        return "validation" if is_held_out else self.split


@dataclass(frozen=True, slots=True)
class ShardJob:
    """One shard file. Its items keep the order of the records."""

    shard: Path
    key: str
    selection: Selection
    splitting: Splitting

    @property
    def names(self) -> tuple[str, ...]:
        return (self.shard.name,)

    def convert(self) -> Converted:
        """Raises PairSetError where the disk gives the file no more; damage in it is left out and told."""
        made = _Made(self)
        try:
            for found in read_records(self.shard):
                made.take(found)
        except OSError as error:
            raise PairSetError(file=str(self.shard), field="shard", reason=f"cannot be read: {error}") from error
        return made.converted()


class _Made:
    """What has come of the shard so far."""

    def __init__(self, job: ShardJob) -> None:
        self._job = job
        self._parser = RecordParser()
        self._items: dict[str, Item] = {}
        self._features: dict[str, list[Features]] = {"video": [], "music": []}
        self._left_out: list[LeftOut] = []
        self._passed_over: Counter[str] = Counter()
        self._count = 0

    def take(self, found: Record | Damage) -> None:
        self._count += 1
        if isinstance(found, Damage):
            self._leave_out(found.number, found.reason, found.detail)
            return
        try:
            record = self._parser.parse(found.payload)
            reason = self._job.selection.passes_over(record.labels())
            if reason is not None:
                self._passed_over[reason] += 1
                return
            self._add(record)
        except UnusableRecord as error:
            self._leave_out(found.number, error.reason, error.detail)

    def converted(self) -> Converted:
        shard = self._job.shard.name
        if self._count == 0:
            self._left_out.append(LeftOut(shard, "shard_is_empty"))
        passed_over = (LeftOut(shard, reason, f"{count} records") for reason, count in self._passed_over.items())
        return Converted(tuple(self._items.values()), self._features, (*self._left_out, *passed_over))

    def _add(self, record: VideoRecord) -> None:
        video_id = record.video_id()
        try:
            if video_id in self._items:
                raise UnusableRecord(reason="repeated_id", detail="its first record is kept")
            features = self._features_of(record)
        except UnusableRecord as error:
            raise UnusableRecord(reason=error.reason, detail=f"video {video_id}: {error.detail}") from error
        split = self._job.splitting.split_of(video_id)
        self._items[video_id] = Item(video_id, track=video_id, split=split, labels=record.labels())
        for name, rows in features.items():
            self._features[name].append(rows)

    def _features_of(self, record: VideoRecord) -> Mapping[str, Features]:
        if self._job.selection.level == "video":
            return {"video": record.mean("mean_rgb", RGB_DIM), "music": record.mean("mean_audio", AUDIO_DIM)}
        video = self._parser.steps(record, "rgb", RGB_DIM)
        music = self._parser.steps(record, "audio", AUDIO_DIM)
        if len(video) != len(music):
            detail = f"{len(video)} of rgb, {len(music)} of audio"
            raise UnusableRecord(reason="unequal_steps", detail=detail)
        if len(video) < self._job.selection.min_steps:
            detail = f"{len(video)}, fewer than {self._job.selection.min_steps}"
            raise UnusableRecord(reason="too_few_steps", detail=detail)
        return {"video": video, "music": music}

    def _leave_out(self, number: int, reason: str, detail: str) -> None:
        self._left_out.append(LeftOut(f"{self._job.shard.name} record {number}", reason, detail))


def passed_over(left_out: Sequence[LeftOut], reason: str) -> int:
    """How many records the shards' lines of that reason stand for."""
    return sum(int(left.detail.partition(" ")[0]) for left in left_out if left.reason == reason)

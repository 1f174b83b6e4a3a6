"""What people have chosen as a source of pairs: each video beside the track that was chosen for it.

bgm chosen FOLDER
python -m training.convert chosen FOLDER --out PAIRSET

FOLDER/chosen.json    {"format_version": 1, "video_space": …, "music_space": …}
FOLDER/pairs.jsonl    one line a pair: {"id", "track", "title", "keywords", "video", "music"}; the last two name files
FOLDER/video/, music/ NumPy files of float32, (S, E): raw features
"""

import hashlib
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from app.domain import Brief, Float32Array
from app.encoders.backbones import ChosenBackbones
from app.encoders.spec import EncoderSpec, read_spec
from training.array_files import UnreadableArray, mapped_array
from training.converters.conversion import PairSetPlan
from training.converters.converter import Converter, Source
from training.converters.parts import Converted, LeftOut
from training.converters.shares import Shares, add_share_arguments, shares_of
from training.converters.video_backbones import STARTER
from training.converters.video_measuring import Measuring, streams_of
from training.errors import PairSetError
from training.measured_with import MEASURED_WITH_FILE, document_of, measured_by
from training.pair_set import Item
from training.pair_set_writer import Features

FORMAT_VERSION = 1
PAIRS_A_JOB = 256


class ChosenPair(BaseModel):
    """A line of pairs.jsonl."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    track: str
    title: str | None
    keywords: tuple[str, ...]
    video: str
    music: str


@dataclass(frozen=True, slots=True)
class ChosenJob:
    """Some of the pairs. `steps`: rows that the features of video and music must have."""

    folder: Path
    pairs: tuple[ChosenPair, ...]
    shares: Shares
    measuring: Measuring
    steps: tuple[int, int]

    @property
    def key(self) -> str:
        said = [[pair.model_dump() for pair in self.pairs], asdict(self.shares), self.steps]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(pair.id for pair in self.pairs)

    def convert(self) -> Converted:
        made = [(pair, self._features(pair)) for pair in self.pairs]
        kept = [(pair, found) for pair, found in made if not isinstance(found, LeftOut)]
        return Converted(
            items=tuple(
                Item(pair.id, pair.track, self.shares.split_of(pair.track), title=pair.title, keywords=pair.keywords)
                for pair, _ in kept
            ),
            features={name: [found[name] for _, found in kept] for name in (kept[0][1] if kept else ())},
            left_out=tuple(found for _, found in made if isinstance(found, LeftOut)),
        )

    def _features(self, pair: ChosenPair) -> Mapping[str, Features] | LeftOut:
        found: dict[str, Features] = {}
        for (stream, name), steps in zip((("video", pair.video), ("music", pair.music)), self.steps, strict=True):
            try:
                features = _features_of(self.folder / name)
            except (UnreadableArray, ValueError) as error:
                return LeftOut(pair.id, "features_damaged", f"{name}: {error}")
            if len(features) != steps:
                return LeftOut(pair.id, "other_sampling", f"{name}: {len(features)} steps; {steps} are due")
            found[stream] = features
        return found | self.measuring.words(Brief(pair.title, pair.keywords))


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="what `bgm chosen FOLDER` wrote")
    parser.add_argument(
        "--like",
        type=Path,
        default=STARTER,
        metavar="CHECKPOINT",
        help="folder of a checkpoint with the library's backbones and sampling (default: the one that ships)",
    )
    parser.add_argument("--cache-dir", type=Path, help="where weights that are fetched are kept")
    add_share_arguments(parser)


def open_source(arguments: Namespace) -> Source:
    """Raises PairSetError where the folder cannot be used, and CheckpointError."""
    folder, shares, encoder = arguments.folder.resolve(), shares_of(arguments), read_spec(arguments.like)
    _require_same_spaces(folder, encoder, arguments.like)
    pairs = _read_pairs(folder / "pairs.jsonl")
    measured, measuring = measured_by(encoder), _measuring(encoder, arguments)
    steps = encoder.video.sampling.instants, encoder.music.sampling.windows
    plan = PairSetPlan(
        streams=streams_of(measured),
        query=("video", "title", "keywords") if measured.text else ("video",),
        target=("music",),
        settings={
            "source": "chosen",
            "measured_with": measured.model_dump(mode="json"),
            "shares": asdict(shares),
        },
        attachments={MEASURED_WITH_FILE: document_of(measured)},
    )
    parts = [tuple(pairs[first : first + PAIRS_A_JOB]) for first in range(0, len(pairs), PAIRS_A_JOB)]
    return Source([ChosenJob(folder, part, shares, measuring, steps) for part in parts], plan)


def _measuring(encoder: EncoderSpec, arguments: Namespace) -> Measuring:
    return Measuring(ChosenBackbones.of(encoder), arguments.like, "cpu", arguments.cache_dir)


def _require_same_spaces(folder: Path, encoder: EncoderSpec, like: Path) -> None:
    try:
        head: dict[str, Any] = json.loads((folder / "chosen.json").read_text(encoding="utf-8"))
        found = head["format_version"], head["video_space"], head["music_space"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise PairSetError(file="chosen.json", field="file", reason=f"cannot be read: {error!r}") from error
    due = FORMAT_VERSION, encoder.video.space, encoder.music.stored_space
    for field, has, wants in zip(("format_version", "video_space", "music_space"), found, due, strict=True):
        if has != wants:
            reason = (
                f"is {has}; that of {like.name} is {wants}. `--like` names a checkpoint with the library's backbones"
            )
            raise PairSetError(file="chosen.json", field=field, reason=reason)


def _read_pairs(path: Path) -> list[ChosenPair]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    except (OSError, UnicodeDecodeError) as error:
        raise PairSetError(file=path.name, field="file", reason=f"cannot be read: {error}") from error
    return [_pair_of(line, path, number) for number, line in enumerate(lines, start=1)]


def _pair_of(line: str, path: Path, number: int) -> ChosenPair:
    try:
        return ChosenPair.model_validate_json(line)
    except ValidationError as error:
        reason = f"cannot be read: {error.errors()[0]['msg']}"
        raise PairSetError(file=path.name, field=f"line {number}", reason=reason) from error


def _features_of(path: Path) -> Float32Array:
    """Raises UnreadableArray and ValueError."""
    features = mapped_array(path)
    if features.dtype != np.float32 or features.ndim != 2 or not np.isfinite(features).all():
        raise ValueError(f"finite float32 of shape (S, E) is due, not {features.dtype} of shape {features.shape}")
    return np.array(features)


CHOSEN = Converter(
    name="chosen",
    help="what people chose, as `bgm chosen FOLDER` wrote it: each video and the track that was chosen for it",
    add_arguments=add_arguments,
    open_source=open_source,
)

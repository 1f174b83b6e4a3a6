"""YouTube-8M shards as a source of pairs: Inception features beside VGGish features of the same second.

python -m training.convert youtube8m SHARDS… --out FOLDER
"""

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from app.domain import Float32Array
from training.converters.conversion import Conversion, PairSetPlan
from training.converters.converter import Converter, Source
from training.converters.youtube8m_shard import (
    AUDIO_DIM,
    NO_LABELS,
    OTHER_LABELS,
    RGB_DIM,
    Level,
    Selection,
    ShardJob,
    Splitting,
    passed_over,
)
from training.errors import PairSetError
from training.pair_set import Split, StreamForm
from training.pair_set_writer import StreamPlan

RGB_SPACE, AUDIO_SPACE = "yt8m:inception", "yt8m:vggish"
MUSIC_VIDEO = 14
# One step for each of the paper's 100 segments; the set's own videos last at least two minutes.
MIN_STEPS = 100
# Of the 116,098 music videos of the training shards some 5,800: enough to rank pools of 1000 in.
VALIDATION_SHARE = 0.05
ANY_LABEL = "any"
SHARDS_OF_A_FOLDER = "*.tfrecord"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "shards", nargs="+", type=Path, metavar="SHARD", help=f"shard files, or folders of {SHARDS_OF_A_FOLDER}"
    )
    parser.add_argument("--level", choices=("frame", "video"), default="frame", help="kind of the records (frame)")
    parser.add_argument(
        "--label",
        action="append",
        type=_label,
        metavar="NUMBER",
        help=f"class to take, may be given several times; or '{ANY_LABEL}' ({MUSIC_VIDEO}, Music video)",
    )
    parser.add_argument(
        "--min-steps", type=_count, default=MIN_STEPS, help=f"leave out shorter videos, in seconds ({MIN_STEPS})"
    )
    parser.add_argument(
        "--validate-as",
        choices=("validation", "test"),
        default="test",
        help="split of the validate shards (test, since the official test shards carry no labels)",
    )
    parser.add_argument(
        "--validation-share",
        type=_share,
        default=VALIDATION_SHARE,
        help=f"share of the train shards' videos to hold out, drawn by id ({VALIDATION_SHARE})",
    )
    parser.add_argument("--seed", type=int, default=0, help="of that draw (0)")


def open_source(arguments: Namespace) -> Source:
    """Raises PairSetError where a shard is not there, is named twice, or its name tells no split."""
    selection = Selection(arguments.level, _labels(arguments.label), arguments.min_steps)
    splits: dict[str, Split] = {"train": "train", "validate": arguments.validate_as, "test": "test"}
    jobs = []
    for shard in _shards(arguments.shards):
        splitting = Splitting(_split_of(shard, splits), arguments.validation_share, arguments.seed)
        jobs.append(ShardJob(shard, _key(shard), selection, splitting))
    settings = {
        "source": "youtube8m",
        "level": selection.level,
        "labels": ANY_LABEL if selection.labels is None else sorted(selection.labels),
        "min_steps": selection.min_steps,
        "validate_as": arguments.validate_as,
        "validation_share": arguments.validation_share,
        "seed": arguments.seed,
    }
    return Source(jobs, PairSetPlan(streams_of(selection.level), ("video",), ("music",), settings), remarks=remarks)


def streams_of(level: Level) -> dict[str, StreamPlan]:
    """Steps as the very bytes of the records with the scale that undoes their quantising; means as float32."""
    steps = "1 Hz" if level == "frame" else "one, the mean of the video"
    forms = {
        "video": StreamForm("video", RGB_SPACE, RGB_DIM, steps),
        "music": StreamForm("music", AUDIO_SPACE, AUDIO_DIM, steps),
    }
    if level == "video":
        return {name: StreamPlan(form) for name, form in forms.items()}
    return {name: StreamPlan(form, stored_as="uint8", scale=scale(form.dim)) for name, form in forms.items()}


def scale(dim: int) -> Float32Array:
    """(2, dim): value = q * 4/255 + 4/512 - 2, as in the set's own reader."""
    return np.repeat(np.array([[4 / 255], [4 / 512 - 2]], np.float32), dim, axis=1)


def remarks(conversion: Conversion) -> Sequence[str]:
    """How many records were not asked for; the report counts only the shards they are in."""
    others, unlabelled = (passed_over(conversion.left_out, reason) for reason in (OTHER_LABELS, NO_LABELS))
    lines = [f"{others} records of other labels passed over"] if others else []
    if unlabelled:
        lines.append(f"{unlabelled} records without labels passed over, as in the official test shards")
    return lines


def _shards(named: Sequence[Path]) -> list[Path]:
    shards: list[Path] = []
    for path in named:
        found = sorted(path.glob(SHARDS_OF_A_FOLDER)) if path.is_dir() else [path]
        if not found:
            raise PairSetError(file=str(path), field="folder", reason=f"holds no {SHARDS_OF_A_FOLDER}")
        # A link keeps its own name, which tells the split.
        shards += (shard.absolute() for shard in found)
    seen: set[Path] = set()
    for shard in shards:
        if not shard.is_file():
            raise PairSetError(file=str(shard), field="shard", reason="is no file")
        if shard.resolve() in seen:
            raise PairSetError(file=str(shard), field="shard", reason="is named twice")
        seen.add(shard.resolve())
    return shards


def _split_of(shard: Path, splits: dict[str, Split]) -> Split:
    for beginning, split in splits.items():
        if shard.name.startswith(beginning):
            return split
    raise PairSetError(file=str(shard), field="name", reason=f"begins with none of {', '.join(splits)}")


def _key(shard: Path) -> str:
    """Tells shards of one name in two folders apart, and a shard from the one that was there before it."""
    state = shard.stat()
    digest = sha256(f"{shard}:{state.st_size}:{state.st_mtime_ns}".encode()).hexdigest()
    return f"{shard.stem}-{digest[:10]}"


def _labels(named: Sequence[int | None] | None) -> frozenset[int] | None:
    """None: any label will do."""
    if named is None:
        return frozenset({MUSIC_VIDEO})
    return None if None in named else frozenset(number for number in named if number is not None)


def _label(text: str) -> int | None:
    return None if text == ANY_LABEL else int(text)


def _count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("at least 1 is due")
    return int(text)


def _share(text: str) -> float:
    if not 0 <= float(text) < 1:
        raise argparse.ArgumentTypeError("0 up to, not including, 1 is due")
    return float(text)


YOUTUBE8M = Converter("youtube8m", "YouTube-8M shards (TFRecord)", add_arguments, open_source)

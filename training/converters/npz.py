"""Imports one `.npz` file of paired sequences, as `muvisync_train.npz` is: every video with as many steps as its music.

Arrays: `video_u8` (N, T, E) uint8 with `video_scale` and `video_offset` (E,), or `video` (N, T, E) as floats; `music`
(N, T, F) as floats; `ids` (N,); `titles` (N,) if there are any, kept as the items' titles. Nothing in it is executed.
"""

import argparse
import zipfile
import zlib
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.converters.conversion import PairSetPlan
from training.converters.converter import Converter, Source
from training.converters.parts import Converted
from training.errors import PairSetError
from training.pair_set import SPLITS, Item, Split, StreamForm
from training.pair_set_writer import StreamPlan

VIDEO_SPACE = "clip-image:ViT-L-14:mean-of-segment"
MUSIC_SPACE = "chords-loudness-density:27"


@dataclass(frozen=True, slots=True)
class NpzJob:
    """The whole file. A share of the items, drawn by the seed, is the test split, and all others are `split`."""

    path: Path
    split: Split
    test_share: float
    seed: int

    @property
    def key(self) -> str:
        return f"{self.path.stem}-{self.path.stat().st_mtime_ns}-{self.split}-{self.test_share:g}-{self.seed}"

    @property
    def names(self) -> tuple[str, ...]:
        return (self.path.name,)

    def convert(self) -> Converted:
        with open_npz(self.path) as arrays:
            name = "video_u8" if "video_u8" in arrays else "video"
            video_NTE, music_NTF = arrays[name], arrays["music"].astype(np.float32)
            if name == "video":
                video_NTE = video_NTE.astype(np.float32)
            ids = [str(value) for value in arrays["ids"]]
            titles = [str(value) for value in arrays["titles"]] if "titles" in arrays else [None] * len(ids)
        tested = np.random.default_rng(self.seed).permutation(len(ids)) < round(self.test_share * len(ids))
        items = tuple(
            Item(id, id, "test" if is_test else self.split, title)
            for id, title, is_test in zip(ids, titles, tested, strict=True)
        )
        return Converted(items, {"video": list(video_NTE), "music": list(music_NTF)})


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the .npz file")
    parser.add_argument("--split", choices=SPLITS, default="train", help="of all items, but the test share")
    parser.add_argument("--test-share", type=_share, default=0.0, help="share of items held out as test (default: 0)")
    parser.add_argument("--seed", type=_seed, default=2024, help="which items those are")
    parser.add_argument("--video-space", default=VIDEO_SPACE, help="name of the feature space")
    parser.add_argument("--music-space", default=MUSIC_SPACE, help="name of the feature space")


def open_source(arguments: argparse.Namespace) -> Source:
    """Raises PairSetError where an array is missing or has another shape than the others."""
    path: Path = arguments.file.resolve()
    with open_npz(path) as arrays:
        video, music = (
            _video_plan(path, arrays, arguments.video_space),
            _music_plan(path, arrays, arguments.music_space),
        )
        _require_one_an_item(path, arrays)
    job = NpzJob(path, arguments.split, arguments.test_share, arguments.seed)
    settings = {"source": path.name, "split": job.split, "test_share": job.test_share, "seed": job.seed}
    plan = PairSetPlan({"video": video, "music": music}, ("video",), ("music",), settings)
    return Source([job], plan)


def open_npz(path: Path) -> Any:
    """The archive, opened without pickles. Raises PairSetError."""
    try:
        # NumPy takes single arrays and pickles as well, and leaves a file that is cut off open.
        zipfile.ZipFile(path).close()
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise PairSetError(file=path.name, field="file", reason=f"cannot be read: {error}") from error


def _video_plan(path: Path, arrays: Any, space: str) -> StreamPlan:
    if "video_u8" not in arrays:
        values = _sequences(path, arrays, "video")
        return StreamPlan(_form("video", space, values), "float32")
    values = _sequences(path, arrays, "video_u8")
    if values.dtype != np.uint8:
        raise PairSetError(file=path.name, field="video_u8", reason=f"is {values.dtype}; uint8 is due")
    scale = [_shaped(path, arrays, name, values.shape[2:]) for name in ("video_scale", "video_offset")]
    if not np.isfinite(scale).all():
        raise PairSetError(file=path.name, field="video_scale", reason="or video_offset is not finite")
    return StreamPlan(_form("video", space, values), "uint8", np.stack(scale).astype(np.float32))


def _music_plan(path: Path, arrays: Any, space: str) -> StreamPlan:
    values = _sequences(path, arrays, "music")
    return StreamPlan(_form("music", space, values), "float16" if values.dtype == np.float16 else "float32")


def _require_one_an_item(path: Path, arrays: Any) -> None:
    """Music, id and, where there are any, title of every video."""
    count = len(_array(path, arrays, "video_u8" if "video_u8" in arrays else "video"))
    _shaped(path, arrays, "music", (count, *_array(path, arrays, "music").shape[1:]))
    for name in ("ids", "titles") if "titles" in arrays else ("ids",):
        _shaped(path, arrays, name, (count,))


def _form(modality: str, space: str, values: NDArray[Any]) -> StreamForm:
    return StreamForm(modality, space, values.shape[2], f"{values.shape[1]} segments")


def _sequences(path: Path, arrays: Any, name: str) -> NDArray[Any]:
    values = _array(path, arrays, name)
    if values.ndim != 3 or 0 in values.shape:
        raise PairSetError(file=path.name, field=name, reason=f"has shape {values.shape}; (items, steps, width) is due")
    if not np.issubdtype(values.dtype, np.number):
        raise PairSetError(file=path.name, field=name, reason=f"is {values.dtype}; numbers are due")
    return values


def _shaped(path: Path, arrays: Any, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    values = _array(path, arrays, name)
    if values.shape != shape:
        raise PairSetError(file=path.name, field=name, reason=f"has shape {values.shape}; {shape} is due")
    return values


def _array(path: Path, arrays: Any, name: str) -> NDArray[Any]:
    if name not in arrays:
        raise PairSetError(file=path.name, field=name, reason="is missing")
    try:
        values: NDArray[Any] = arrays[name]
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise PairSetError(file=path.name, field=name, reason=f"cannot be read: {error}") from error
    return values


def _seed(text: str) -> int:
    if int(text) < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return int(text)


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share < 1:
        raise argparse.ArgumentTypeError(f"{text} is no share from 0 to 1")
    return share


NPZ = Converter("npz", "one .npz file of paired sequences (see training/converters/npz.py)", add_arguments, open_source)

"""Takes features that somebody measured before: ID.npy of shape (T, E) or (E,), of captions (captions, E).

Reasons for which an item is left out: `missing_features`, `unreadable_features`, `features_of_other_shape`,
`caption_rows_differ`; the latter two with the shapes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.domain import Float32Array
from training.array_files import UnreadableArray, mapped_array
from training.converters.captions.captioned_set import CaptionedItem
from training.converters.captions.files import find_file
from training.converters.captions.jobs import Take, Taken
from training.converters.parts import LeftOut
from training.errors import PairSetError
from training.pair_set import StreamForm
from training.pair_set_writer import StreamPlan

ENDINGS = (".npy",)


@dataclass(frozen=True, slots=True)
class StoredFeatures:
    """`of_captions`: each item's file has one row for each of its captions as annotated, empty ones as well."""

    folder: Path
    form: StreamForm
    of_captions: bool

    @property
    def plan(self) -> StreamPlan:
        return StreamPlan(self.form)

    def file_of(self, item: CaptionedItem) -> Path | None:
        return _path(self.folder, item)

    def open(self) -> Take:
        return self._take

    def _take(self, item: CaptionedItem) -> Taken:
        path = self.file_of(item)
        if path is None:
            return _left_out(item, "missing_features", self.form.modality)
        stored = _load(path)
        if isinstance(stored, str):
            return _left_out(item, "unreadable_features", stored)
        rows = np.atleast_2d(stored)
        if rows.ndim != 2 or rows.shape[1] != self.form.dim or len(rows) == 0:
            return _left_out(item, "features_of_other_shape", f"{stored.shape}, due is (any, {self.form.dim})")
        if not self.of_captions:
            return Taken(rows)
        if len(rows) != len(item.captions):
            return _left_out(item, "caption_rows_differ", f"{len(rows)} for {len(item.captions)} captions")
        return _without_empty(item, rows)


def form_of_first(folder: Path, items: Iterable[CaptionedItem], *, modality: str, space: str, steps: str) -> StreamForm:
    """The form of the first item's features that can be read. Raises PairSetError where there are none."""
    for item in items:
        path = _path(folder, item)
        stored = None if path is None else _load(path)
        if isinstance(stored, np.ndarray) and stored.ndim in (1, 2):
            return StreamForm(modality, space, stored.shape[-1], steps)
    raise PairSetError(file=folder.name, field="folder", reason="no item of the set has features there, as ID.npy")


def _path(folder: Path, item: CaptionedItem) -> Path | None:
    return find_file(folder, (item.id, *item.names), ENDINGS)


def _load(path: Path) -> Float32Array | str:
    """The values, or why there are none."""
    try:
        stored = mapped_array(path)
    except UnreadableArray as error:
        return str(error)
    if stored.dtype.kind not in "fiu":
        return "holds no array of numbers"
    return stored.astype(np.float32)


def _without_empty(item: CaptionedItem, rows: Float32Array) -> Taken:
    kept = [place for place, caption in enumerate(item.captions) if caption.strip()]
    if not kept:
        return _left_out(item, "no_captions", "all are empty")
    return Taken(rows[kept])


def _left_out(item: CaptionedItem, reason: str, detail: str) -> Taken:
    return Taken(None, (LeftOut(item.id, reason, detail),))

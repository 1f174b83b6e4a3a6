"""Sides of a conversion that need no files, their rows given by the test, and what a side gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.domain import Float32Array
from training.converters.captions.captioned_set import CaptionedItem
from training.converters.captions.jobs import Take, Taken
from training.converters.parts import LeftOut
from training.pair_set import StreamForm
from training.pair_set_writer import StreamPlan


@dataclass(frozen=True, slots=True)
class GivenRows:
    """Each item's rows by its id, (rows, 2); items that are not named have none."""

    rows: Mapping[str, list[list[float]]]
    modality: str = "image"
    folder: Path | None = None

    @property
    def plan(self) -> StreamPlan:
        return StreamPlan(StreamForm(self.modality, "given", 2, "any"))

    def file_of(self, item: CaptionedItem) -> Path | None:
        path = None if self.folder is None else self.folder / item.id
        return path if path is not None and path.exists() else None

    def open(self) -> Take:
        return self._take

    def _take(self, item: CaptionedItem) -> Taken:
        if item.id not in self.rows:
            return Taken(None, (LeftOut(item.id, "not_given"),))
        return Taken(np.array(self.rows[item.id], np.float32))


def rows_of(taken: Taken) -> Float32Array:
    assert taken.rows is not None, taken.left_out
    return taken.rows

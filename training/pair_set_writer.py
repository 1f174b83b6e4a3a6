"""Writes a pair set item by item, in memory that does not grow; what is not finished never has the final name."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from app.domain import Float32Array
from training.errors import PairSetError
from training.pair_set import FORMAT_VERSION, Item, StreamForm

# Values as float32, or the very bytes of a uint8 stream.
Features = Float32Array | NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """How a stream is stored. `scale` (2, dim) is due for uint8 and only there: value = q * scale[0] + scale[1]."""

    form: StreamForm
    stored_as: Literal["uint8", "float16", "float32"] = "float32"
    scale: Float32Array | None = None

    def __post_init__(self) -> None:
        if (self.scale is not None) != (self.stored_as == "uint8"):
            raise ValueError("a scale belongs to uint8 streams, and only to them")

    def stored(self, values: Features) -> bytes:
        """The rows (n, dim) as they lie on disk; uint8 rows of a uint8 stream are taken as they are."""
        if self.scale is not None and values.dtype != np.uint8:
            values = np.clip(np.rint((values - self.scale[1]) / self.scale[0]), 0, 255)
        return np.ascontiguousarray(values, dtype=self.stored_as).tobytes()


class PairSetWriter:
    """A context: `add` items, leave it without an error, and `folder` is there; otherwise nothing is."""

    def __init__(
        self, folder: Path, *, streams: Mapping[str, StreamPlan], query: Sequence[str], target: Sequence[str]
    ) -> None:
        if folder.exists():
            raise PairSetError(file=folder.name, field="folder", reason="exists already")
        self._folder, self._streams, self._query, self._target = folder, streams, list(query), list(target)
        self._unfinished = folder.with_name(f"{folder.name}.tmp")
        self._files: dict[str, BinaryIO] = {}
        self._offsets: dict[str, list[int]] = {name: [0] for name in streams}
        self._lines: list[str] = []

    def __enter__(self) -> "PairSetWriter":
        shutil.rmtree(self._unfinished, ignore_errors=True)
        self._unfinished.mkdir(parents=True)
        for name, plan in self._streams.items():
            self._files[name] = (self._unfinished / f"{name}.npy").open("wb")
            _write_header(self._files[name], plan, row_count=0)
        return self

    def add(self, item: Item, features: Mapping[str, Features]) -> None:
        """Append one item; `features` holds (rows, dim) for each stream the item has. Raises PairSetError."""
        unknown = set(features) - set(self._streams)
        if unknown:
            raise PairSetError(file="pairs.json", field="streams", item=item.id, reason=f"no stream {sorted(unknown)}")
        for name, plan in self._streams.items():
            values = features.get(name, np.empty((0, plan.form.dim), np.float32))
            if values.dtype == np.uint8 and plan.stored_as != "uint8":
                raise PairSetError(file=f"{name}.npy", field="values", item=item.id, reason="are uint8 without a scale")
            if values.ndim != 2 or values.shape[1] != plan.form.dim or not np.isfinite(values).all():
                reason = f"finite (rows, {plan.form.dim}) is due, not {values.shape}"
                raise PairSetError(file=f"{name}.npy", field="values", item=item.id, reason=reason)
            self._files[name].write(plan.stored(values))
            self._offsets[name].append(self._offsets[name][-1] + len(values))
        self._lines.append(json.dumps(asdict(item), ensure_ascii=False))

    def attach(self, name: str, text: str) -> None:
        """Puts a file of one's own beside the features; readers pass it over."""
        (self._unfinished / name).write_text(text, encoding="utf-8")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            with ExitStack() as closing:
                closing.callback(shutil.rmtree, self._unfinished, ignore_errors=True)
                for file in self._files.values():
                    closing.callback(file.close)

    def _finish(self) -> None:
        for name, plan in self._streams.items():
            file = self._files[name]
            file.seek(0)
            _write_header(file, plan, row_count=self._offsets[name][-1])
            file.flush()
            os.fsync(file.fileno())
            np.save(self._unfinished / f"{name}_offsets.npy", np.array(self._offsets[name], np.int64))
            if plan.scale is not None:
                np.save(self._unfinished / f"{name}_scale.npy", plan.scale.astype(np.float32))
        (self._unfinished / "items.jsonl").write_text("".join(f"{line}\n" for line in self._lines), encoding="utf-8")
        head = {
            "format_version": FORMAT_VERSION,
            "count": len(self._lines),
            "query": self._query,
            "target": self._target,
            "streams": {name: asdict(plan.form) for name, plan in self._streams.items()},
        }
        (self._unfinished / "pairs.json").write_text(json.dumps(head, indent=1), encoding="utf-8")
        self._unfinished.rename(self._folder)


def _write_header(file: BinaryIO, plan: StreamPlan, *, row_count: int) -> None:
    # NumPy pads a header so that its first axis may grow in place; the rows after it keep their position.
    head = {"descr": np.dtype(plan.stored_as).str, "fortran_order": False, "shape": (row_count, plan.form.dim)}
    npy_format.write_array_header_1_0(file, head)

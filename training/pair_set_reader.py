"""Opens a pair set and proves it sound before anything trains on it: every complaint names file, field and item."""

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array
from training.array_files import UnreadableArray, mapped_array
from training.errors import PairSetError
from training.pair_set import FORMAT_VERSION, MODALITIES, SPLITS, Item, PairSet, Stream, StreamForm

_VALUES_AT_ONCE = 1 << 24
_STORED_AS = (np.dtype(np.uint8), np.dtype(np.float16), np.dtype(np.float32))


def open_pair_set(folder: Path) -> PairSet:
    """The pair set in `folder`, features memory-mapped; every value is looked at once. Raises PairSetError."""
    head = _read_head(folder / "pairs.json")
    items = _read_items(folder / "items.jsonl", head["count"])
    forms = {name: _stream_form(name, form) for name, form in head["streams"].items()}
    for side in ("query", "target"):
        _require_known_streams(side, head[side], forms)
    codes = np.unique(np.array([item.track for item in items]), return_inverse=True)[1]
    return PairSet(
        name=folder.name,
        folder=folder,
        query=tuple(head["query"]),
        target=tuple(head["target"]),
        streams={name: _open_stream(folder, name, form, items) for name, form in forms.items()},
        items=items,
        track_codes=codes.astype(np.int64),
    )


def _read_head(path: Path) -> dict[str, Any]:
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PairSetError(file=path.name, field="file", reason=f"cannot be read: {error}") from error
    version = head.get("format_version") if isinstance(head, dict) else None
    if version != FORMAT_VERSION:
        raise PairSetError(file=path.name, field="format_version", reason=f"is {version!r}, not {FORMAT_VERSION}")
    for field, kind in (("count", int), ("query", list), ("target", list), ("streams", dict)):
        if not isinstance(head.get(field), kind) or not head[field]:
            raise PairSetError(file=path.name, field=field, reason=f"must be a non-empty {kind.__name__}")
    return cast("dict[str, Any]", head)


def _stream_form(name: str, described: Any) -> StreamForm:
    for field, kind in (("modality", str), ("space", str), ("dim", int), ("steps", str)):
        if not isinstance(described, dict) or not isinstance(described.get(field), kind):
            raise PairSetError(
                file="pairs.json", field=f"streams.{name}.{field}", reason=f"must be a {kind.__name__}, and there"
            )
    form = StreamForm(**{field: described[field] for field in ("modality", "space", "dim", "steps")})
    if form.modality not in MODALITIES:
        reason = f"'{form.modality}' is none of {', '.join(MODALITIES)}"
        raise PairSetError(file="pairs.json", field=f"streams.{name}.modality", reason=reason)
    if form.dim < 1:
        raise PairSetError(file="pairs.json", field=f"streams.{name}.dim", reason=f"is {form.dim}")
    return form


def _require_known_streams(side: str, names: list[object], forms: dict[str, StreamForm]) -> None:
    for name in names:
        if not isinstance(name, str) or name not in forms:
            raise PairSetError(file="pairs.json", field=side, reason=f"names '{name}', which is no stream")


def _read_items(path: Path, count: int) -> tuple[Item, ...]:
    try:
        # A title may hold any of the characters that `splitlines` would also split at.
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, ValueError) as error:
        raise PairSetError(file=path.name, field="file", reason=f"cannot be read: {error}") from error
    if len(lines) != count:
        raise PairSetError(file=path.name, field="lines", reason=f"there are {len(lines)}; pairs.json counts {count}")
    items = tuple(_read_item(path.name, number, line) for number, line in enumerate(lines))
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise PairSetError(file=path.name, field="id", item=item.id, reason="occurs twice")
        seen.add(item.id)
    return items


def _read_item(file: str, number: int, line: str) -> Item:
    at = f"line {number + 1}"
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise PairSetError(file=file, field="line", item=at, reason=f"is no JSON: {error}") from error
    for field in ("id", "track", "split"):
        if not isinstance(found, dict) or not isinstance(found.get(field), str):
            raise PairSetError(file=file, field=field, item=at, reason="must be a text, and there")
    if found["split"] not in SPLITS:
        raise PairSetError(file=file, field="split", item=found["id"], reason=f"is none of {', '.join(SPLITS)}")
    if not isinstance(found.get("title"), str | None):
        raise PairSetError(file=file, field="title", item=found["id"], reason="must be a text or null")
    lists = {field: found.get(field, []) for field in ("keywords", "labels")}
    for field, kinds in (("keywords", str), ("labels", str | int)):
        if not isinstance(lists[field], list) or not all(isinstance(value, kinds) for value in lists[field]):
            raise PairSetError(file=file, field=field, item=found["id"], reason="must be a list of plain values")
    return Item(
        found["id"], found["track"], found["split"], found.get("title"), *(tuple(value) for value in lists.values())
    )


def _open_stream(folder: Path, name: str, form: StreamForm, items: tuple[Item, ...]) -> Stream:
    rows = _load(folder / f"{name}.npy")
    if rows.ndim != 2 or rows.shape[1] != form.dim or rows.dtype not in _STORED_AS:
        reason = f"has shape {rows.shape} and type {rows.dtype}; (rows, {form.dim}) uint8, float16 or float32 is due"
        raise PairSetError(file=f"{name}.npy", field="array", reason=reason)
    offsets = np.array(_load(folder / f"{name}_offsets.npy"))
    _check_offsets(f"{name}_offsets.npy", offsets, len(rows), items)
    scale = _load_scale(folder / f"{name}_scale.npy", form) if rows.dtype == np.uint8 else None
    stream = Stream(name=name, form=form, rows=rows, offsets=offsets, scale=scale)
    if scale is None:
        _check_finite(stream, items)
    return stream


def _load(path: Path) -> NDArray[Any]:
    try:
        return mapped_array(path)
    except UnreadableArray as error:
        raise PairSetError(file=path.name, field="file", reason=f"cannot be read: {error}") from error


def _check_offsets(file: str, offsets: NDArray[Any], row_count: int, items: tuple[Item, ...]) -> None:
    if offsets.shape != (len(items) + 1,) or offsets.dtype != np.int64:
        reason = f"has shape {offsets.shape} and type {offsets.dtype}; ({len(items) + 1},) int64 is due"
        raise PairSetError(file=file, field="array", reason=reason)
    falling = np.flatnonzero(np.diff(offsets) < 0)
    if len(falling):
        number = int(falling[0])
        reason = f"ends at row {offsets[number + 1]}, before it begins at {offsets[number]}"
        raise PairSetError(file=file, field="offsets", item=items[number].id, reason=reason)
    if offsets[0] != 0 or offsets[-1] != row_count:
        reason = f"run from {offsets[0]} to {offsets[-1]}; 0 to {row_count}, the number of rows, is due"
        raise PairSetError(file=file, field="offsets", reason=reason)


def _load_scale(path: Path, form: StreamForm) -> Float32Array:
    scale = np.array(_load(path))
    if scale.shape != (2, form.dim) or scale.dtype != np.float32 or not np.isfinite(scale).all():
        reason = f"has shape {scale.shape} and type {scale.dtype}; finite (2, {form.dim}) float32 is due"
        raise PairSetError(file=path.name, field="array", reason=reason)
    return scale


def _check_finite(stream: Stream, items: tuple[Item, ...]) -> None:
    rows_at_once = max(1, _VALUES_AT_ONCE // stream.form.dim)
    for first in range(0, len(stream.rows), rows_at_once):
        bad = np.argwhere(~np.isfinite(stream.rows[first : first + rows_at_once].astype(np.float32)))
        if len(bad):
            row, feature = first + int(bad[0][0]), int(bad[0][1])
            number = int(np.searchsorted(stream.offsets, row, side="right")) - 1
            reason = f"row {row - int(stream.offsets[number])}, feature {feature} is no finite number"
            raise PairSetError(file=f"{stream.name}.npy", field="values", item=items[number].id, reason=reason)

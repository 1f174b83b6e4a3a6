"""Reads YouTube-8M's records, SequenceExample and Example, without TensorFlow. Knows no files and no splits.

The messages are declared here and parsed by protobuf's compiled parser; only the long lists of equal steps are taken
apart by NumPy, where every byte between the steps is as it must be, and else by protobuf as well.
"""

# Axes: T steps, E width of a feature.

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory
from numpy.typing import NDArray

from app.domain import Float32Array
from app.errors import BgmError

# Newest first: before 2018 records named the video by `video_id`.
ID_KEYS = ("id", "video_id")
_PACKAGE = "youtube8m"
# Fields are numbered in order from 1. An Example is a SequenceExample without lists. Maps are lists of entries on the
# wire; what a list of steps holds stays bytes until it is asked for.
_MESSAGES = {
    "BytesList": ("repeated bytes value",),
    "FloatList": ("repeated float value",),
    "Int64List": ("repeated int64 value",),
    "Feature": ("BytesList bytes_list", "FloatList float_list", "Int64List int64_list"),
    "FeatureEntry": ("string key", "Feature value"),
    "Features": ("repeated FeatureEntry feature",),
    "FeatureList": ("repeated Feature feature",),
    "FeatureListEntry": ("string key", "bytes value"),
    "FeatureLists": ("repeated FeatureListEntry feature_list",),
    "SequenceExample": ("Features context", "FeatureLists feature_lists"),
}


class UnusableRecord(BgmError):
    """`reason` is a stable code, `detail` the particulars."""

    def __init__(self, *, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """What a record says of one video: messages by name. A list's bytes are not copied before they are asked for."""

    context: Mapping[str, Any]
    lists: Mapping[str, Any]

    def video_id(self) -> str:
        """Raises UnusableRecord where there is none; the 2017 test shards hold empty ones."""
        for key in ID_KEYS:
            for value in self.context[key].bytes_list.value[:1] if key in self.context else ():
                if value and value.isascii():
                    return str(value, "ascii")
        raise UnusableRecord(reason="no_id", detail=f"none of {', '.join(ID_KEYS)} holds a name")

    def labels(self) -> tuple[int, ...]:
        """Numbers of the classes; none where the record has no such field, as in the official test shards."""
        return tuple(self.context["labels"].int64_list.value) if "labels" in self.context else ()

    def mean(self, name: str, dim: int) -> Float32Array:
        """The video's one vector of that name, (1, dim). Raises UnusableRecord."""
        if name not in self.context:
            raise UnusableRecord(reason="missing_feature", detail=name)
        values_1E = np.array([self.context[name].float_list.value], np.float32)
        if values_1E.shape[1] != dim:
            raise UnusableRecord(reason="wrong_width", detail=f"{name} has {values_1E.shape[1]} values, not {dim}")
        if not np.isfinite(values_1E).all():
            raise UnusableRecord(reason="not_finite", detail=name)
        return values_1E


class RecordParser:
    """Builds the message classes once; a value of its own in each process."""

    def __init__(self) -> None:
        pool = descriptor_pool.DescriptorPool()
        pool.Add(_schema())
        found = {name: pool.FindMessageTypeByName(f"{_PACKAGE}.{name}") for name in ("SequenceExample", "FeatureList")}
        self._record, self._steps = (message_factory.GetMessageClass(kind) for kind in found.values())

    def parse(self, payload: bytes) -> VideoRecord:
        """Raises UnusableRecord."""
        record = _parsed(self._record, payload)
        context = {entry.key: entry.value for entry in record.context.feature}
        return VideoRecord(context, {entry.key: entry for entry in record.feature_lists.feature_list})

    def steps(self, record: VideoRecord, name: str, dim: int) -> NDArray[np.uint8]:
        """All steps of that name as they are stored, (T, dim). Raises UnusableRecord."""
        listed: bytes = record.lists[name].value if name in record.lists else b""
        if not listed:
            raise UnusableRecord(reason="missing_feature", detail=name)
        frame = self._frame(dim)
        if len(listed) % (len(frame) + dim) == 0:
            framed = np.frombuffer(listed, np.uint8).reshape(-1, len(frame) + dim)
            if (framed[:, : len(frame)] == frame).all():
                return framed[:, len(frame) :]
        return self._steps_one_by_one(listed, name, dim)

    def _frame(self, dim: int) -> NDArray[np.uint8]:
        """The bytes that protobuf puts before each step of `dim` bytes."""
        one = self._steps()
        one.feature.add().bytes_list.value.append(bytes(dim))
        return np.frombuffer(one.SerializeToString()[:-dim], np.uint8)

    def _steps_one_by_one(self, listed: bytes, name: str, dim: int) -> NDArray[np.uint8]:
        steps = [step.bytes_list.value for step in _parsed(self._steps, listed).feature]
        for number, values in enumerate(steps):
            if [len(value) for value in values] != [dim]:
                told = f"step {number} of {name} has {sum(len(value) for value in values)} bytes, not {dim}"
                raise UnusableRecord(reason="wrong_width", detail=told)
        return np.frombuffer(b"".join(values[0] for values in steps), np.uint8).reshape(-1, dim)


def _parsed(kind: Any, data: bytes) -> Any:
    try:
        return kind.FromString(data)
    except message.DecodeError as error:
        raise UnusableRecord(reason="unparsable", detail=str(error)) from error


def _schema() -> Any:
    schema = descriptor_pb2.FileDescriptorProto(name=f"{_PACKAGE}.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        described = schema.message_type.add(name=name)
        for number, field in enumerate(fields, start=1):
            _add_field(described, number, field)
    return schema


def _add_field(described: Any, number: int, field: str) -> None:
    field_type = descriptor_pb2.FieldDescriptorProto
    *repeated, kind, name = field.split()
    added = described.field.add(name=name, number=number)
    added.label = field_type.LABEL_REPEATED if repeated else field_type.LABEL_OPTIONAL
    if kind in _MESSAGES:
        added.type, added.type_name = field_type.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    else:
        added.type = field_type.Type.Value(f"TYPE_{kind.upper()}")

"""Jobs that make up small items, and may fail in every way a job can; picklable, so that any process can run them."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.converters.conversion import PairSetPlan
from training.converters.parts import Converted, LeftOut
from training.pair_set import Item, StreamForm
from training.pair_set_writer import StreamPlan

STREAMS = {
    "video": StreamPlan(StreamForm("video", "made-up", 2, "any")),
    "title": StreamPlan(StreamForm("text", "made-up", 1, "one a text")),
}


class BrokenJob(Exception):
    """What a job raises that has a defect."""


@dataclass(frozen=True, slots=True)
class NumberJob:
    """Items `ids`, item n with n + 1 rows of video (n, row) and, where n is even, a title; each call leaves
    a mark with its process.

    `fails`: "raises", "dies" each time, or "dies once". `left_out`: what it tells of.
    """

    key: str
    ids: tuple[str, ...]
    marks: Path
    fails: str = ""
    left_out: tuple[LeftOut, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"part of {name}" for name in self.ids)

    def convert(self) -> Converted:
        calls = times_called(self.marks, self.key)
        (self.marks / f"{self.key}.{calls}").write_text(str(os.getpid()))
        if self.fails == "raises":
            raise BrokenJob(self.key)
        if self.fails == "dies" or (self.fails == "dies once" and not calls):
            os.kill(os.getpid(), signal.SIGKILL)
        numbers = range(len(self.ids))
        videos = [np.array([[n, row] for row in range(n + 1)], np.float32) for n in numbers]
        titles = [np.full((1 - n % 2, 1), n, np.float32) for n in numbers]
        items = tuple(Item(id_, track=id_, split="train") for id_ in self.ids)
        return Converted(items, {"video": videos, "title": titles}, self.left_out)


def times_called(marks: Path, key: str) -> int:
    return len(list(marks.glob(f"{key}.*")))


def plan(*, attachments: Mapping[str, str] | None = None, **settings: object) -> PairSetPlan:
    return PairSetPlan(STREAMS, ("video", "title"), ("video",), settings, attachments or {})

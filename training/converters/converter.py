"""What `python -m training.convert` needs of each source: its arguments, and what to do with them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from training.converters.conversion import Conversion, PairSetPlan
from training.converters.parts import Job
from training.pair_set import Item


def _as_they_are(items: Sequence[Item]) -> Sequence[Item]:
    return items


def _nothing(_: Conversion) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Source:
    """One source as the arguments name it. `remarks`: lines to print once it is converted."""

    jobs: Sequence[Job]
    plan: PairSetPlan
    together: Callable[[Sequence[Item]], Sequence[Item]] = _as_they_are
    remarks: Callable[[Conversion], Sequence[str]] = _nothing


@dataclass(frozen=True, slots=True)
class Converter:
    """`open_source` raises SetupError where the arguments name nothing that can be converted."""

    name: str
    help: str
    add_arguments: Callable[[ArgumentParser], None]
    open_source: Callable[[Namespace], Source]

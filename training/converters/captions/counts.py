"""Says how many items and captions a set has: by the paper, by its annotations, and as converted."""

from collections.abc import Sequence

import numpy as np

from training.converters.captions.captioned_set import CaptionedSet
from training.converters.captions.jobs import CAPTIONS
from training.converters.conversion import Conversion
from training.pair_set import SPLITS
from training.report import table


def count_lines(captioned: CaptionedSet, conversion: Conversion) -> list[str]:
    """What to print below a conversion. Captions are told for train and test together, fewest to most."""
    paper = captioned.paper
    annotated = {split: sum(item.split == split for item in captioned.items) for split in SPLITS}
    annotated_captions = [len(item.captions) for item in captioned.items]
    rows = [
        ["paper", _told(paper.train), "", _told(paper.test), _told(paper.captions)],
        ["annotated", *(_told(annotated[split]) for split in SPLITS), _range(annotated_captions)],
        ["converted", *(_told(conversion.items[split]) for split in SPLITS), _range(_rows_of_items(conversion))],
    ]
    head = [captioned.name, *SPLITS, "captions an item"]
    return [f"read: {', '.join(captioned.read_from)}", *table(head, rows).split("\n")]


def _rows_of_items(conversion: Conversion) -> list[int]:
    path = conversion.folder / f"{CAPTIONS}_offsets.npy"
    return np.diff(np.load(path)).tolist() if path.exists() else []


def _told(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def _range(counts: Sequence[int]) -> str:
    if not any(counts):
        return ""
    fewest, most, mean = min(counts), max(counts), sum(counts) / len(counts)
    return str(most) if fewest == most else f"{fewest} to {most}, mean {mean:.1f}"

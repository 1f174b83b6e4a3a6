"""What a reader of annotations gives: items with their captions and splits. Knows no layout, no media, no features.

Reasons for which something is left out here: `not_annotated` (listed, but without annotations), `in_no_split`
(annotated, but in no list), `id_occurs_twice`, `caption_of_no_item`, `not_of_the_set`, `clutter`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from training.converters.parts import LeftOut
from training.errors import PairSetError
from training.pair_set import Split

Medium = Literal["audio", "image", "video"]


@dataclass(frozen=True, slots=True)
class CaptionedItem:
    """One image, video or sound, and what people wrote of it; captions are as annotated, in the annotation's order.

    `names`: where its file may lie under the media folder, without the ending, the likeliest first. `label`: its class,
    where the set has classes in place of captions.
    """

    id: str
    names: tuple[str, ...]
    captions: tuple[str, ...]
    split: Split
    label: str | None = None


@dataclass(frozen=True, slots=True)
class PaperCounts:
    """What the II-CLVM paper says of the set (its table V); None where it says nothing."""

    train: int | None
    test: int
    captions: int | None


@dataclass(frozen=True, slots=True)
class CaptionedSet:
    """`read_from`: the annotation files that were read. Ids are unique."""

    name: str
    medium: Medium
    items: tuple[CaptionedItem, ...]
    left_out: tuple[LeftOut, ...]
    paper: PaperCounts
    read_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SplitList:
    """Ids as one list file has them."""

    file: str
    split: Split
    ids: Sequence[str]


def splits_of(lists: Iterable[SplitList]) -> dict[str, Split]:
    """The split of each id, in the order of the lists. Raises PairSetError where an id is in two splits."""
    found: dict[str, Split] = {}
    for listed in lists:
        for id_ in listed.ids:
            if found.setdefault(id_, listed.split) != listed.split:
                raise PairSetError(file=listed.file, field="id", item=id_, reason=f"is in '{found[id_]}' as well")
    return found


def assemble(
    captions: Mapping[str, Sequence[str]], splits: Mapping[str, Split], names: Callable[[str], tuple[str, ...]]
) -> tuple[tuple[CaptionedItem, ...], tuple[LeftOut, ...]]:
    """Items in the order of `splits`, and the ids that are on one side only. `names` as in CaptionedItem."""
    items = tuple(
        CaptionedItem(id_, names(id_), tuple(captions[id_]), split) for id_, split in splits.items() if id_ in captions
    )
    lacking = [LeftOut(id_, "not_annotated", f"listed in '{splits[id_]}'") for id_ in splits if id_ not in captions]
    unlisted = [LeftOut(id_, "in_no_split") for id_ in captions if id_ not in splits]
    return items, (*lacking, *unlisted)


def each_once(items: Iterable[CaptionedItem], told: list[LeftOut]) -> Iterator[CaptionedItem]:
    """The items without those whose id was there before; these go into `told`."""
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            told.append(LeftOut(item.id, "id_occurs_twice", f"again in '{item.split}'"))
        else:
            seen.add(item.id)
            yield item

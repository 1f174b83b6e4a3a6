"""Reads Flickr30k: `results_20130124.token` with id lists or with Karpathy's JSON, or that JSON alone.

`train.txt`, `val.txt`, `test.txt` (one id a line) are the split of Flickr30k Entities, 29,783 / 1,000 / 1,000, which is
the paper's; Karpathy's `dataset_flickr30k.json` has 29,000 / 1,014 / 1,000. An image has 5 captions; the paper says 20.
"""

from collections import defaultdict
from pathlib import Path

from training.converters.captions.annotation_files import read_ids, read_lines
from training.converters.captions.captioned_set import CaptionedSet, PaperCounts, SplitList, assemble, splits_of
from training.converters.captions.karpathy import KarpathyImage, read_karpathy
from training.errors import PairSetError
from training.pair_set import Split

TOKENS = "results_20130124.token"
KARPATHY = "dataset_flickr30k.json"
LISTS: dict[str, Split] = {"train.txt": "train", "val.txt": "validation", "test.txt": "test"}
FOLDERS = ("flickr30k-images", "flickr30k_images", "images")
PAPER = PaperCounts(train=29_783, test=1_000, captions=20)


def read_flickr30k(folder: Path) -> CaptionedSet:
    """The lists decide the splits where all three are there, the JSON where not. Raises PairSetError.

    Ids are the files' names without `.jpg`.
    """
    has_lists = all((folder / name).exists() for name in LISTS)
    images = [] if has_lists and (folder / TOKENS).exists() else read_karpathy(folder / KARPATHY)
    listed = _id_lists(folder) if has_lists else _lists_of(images)
    captions = _token_captions(folder / TOKENS) if (folder / TOKENS).exists() else _captions_of(images)
    items, left_out = assemble(captions, splits_of(listed), _names)
    captions_file = TOKENS if (folder / TOKENS).exists() else KARPATHY
    files = dict.fromkeys([captions_file, *(LISTS if has_lists else [KARPATHY])])
    return CaptionedSet("flickr30k", "image", items, left_out, PAPER, tuple(files))


def _names(id_: str) -> tuple[str, ...]:
    return (id_, *(f"{folder}/{id_}" for folder in FOLDERS))


def _id_lists(folder: Path) -> list[SplitList]:
    return [SplitList(name, split, read_ids(folder / name, ending=".jpg")) for name, split in LISTS.items()]


def _lists_of(images: list[KarpathyImage]) -> list[SplitList]:
    return [
        SplitList(KARPATHY, split, [_id(image.file_name) for image in images if image.split == split])
        for split in LISTS.values()
    ]


def _captions_of(images: list[KarpathyImage]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for image in images:
        if found.setdefault(_id(image.file_name), image.captions) is not image.captions:
            raise PairSetError(file=KARPATHY, field="filename", item=image.file_name, reason="occurs twice")
    return found


def _token_captions(path: Path) -> dict[str, list[str]]:
    """Lines `1000092795.jpg#0`, a tab, and the caption, with its words and full stop set apart."""
    found: dict[str, list[str]] = defaultdict(list)
    for number, line in read_lines(path):
        key, tab, caption = line.partition("\t")
        name, mark, place = key.rpartition("#")
        if not (tab and mark and place.isdigit()):
            reason = "is not NAME.jpg#NUMBER, a tab and a caption"
            raise PairSetError(file=path.name, field=f"line {number}", reason=reason)
        found[_id(name)].append(caption)
    return found


def _id(file_name: str) -> str:
    return file_name.removesuffix(".jpg")

"""Reads MSVD: `AllVideoDescriptions.txt`, or the corpus as CSV, and the lists of 1,200 / 100 / 670 videos.

A video's id is its YouTube id with the times of the clip, `-4wsuPCjDBc_5_15`. Only English descriptions are taken;
many are given several times, and stay so, since people gave them several times.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from training.converters.captions.annotation_files import read_ids, read_lines, read_table
from training.converters.captions.captioned_set import CaptionedSet, PaperCounts, SplitList, assemble, splits_of
from training.errors import PairSetError
from training.pair_set import Split

DESCRIPTIONS = "AllVideoDescriptions.txt"
# As it is given out, and as copies of it call it.
TABLES = ("MSR Video Description Corpus.csv", "video_corpus.csv")
LISTS: dict[str, Split] = {"train_list.txt": "train", "val_list.txt": "validation", "test_list.txt": "test"}
# Lines `ID vid1`, in copies whose files are numbered.
MAPPING = "youtube_mapping.txt"
PAPER = PaperCounts(train=1_200, test=670, captions=40)


def read_msvd(folder: Path) -> CaptionedSet:
    """Raises PairSetError. Captions are in the order of the file."""
    file = next((name for name in (DESCRIPTIONS, *TABLES) if (folder / name).exists()), None)
    if file is None:
        reason = f"is missing, and so is '{TABLES[0]}'"
        raise PairSetError(file=DESCRIPTIONS, field="file", reason=reason)
    captions = _descriptions(folder / file) if file == DESCRIPTIONS else _corpus(folder / file)
    lists = [SplitList(name, split, read_ids(folder / name, ending=".avi")) for name, split in LISTS.items()]
    numbered = _numbered_names(folder / MAPPING)

    def names(id_: str) -> tuple[str, ...]:
        stems = [id_, *numbered.get(id_, ())]
        return (*stems, *(f"YouTubeClips/{stem}" for stem in stems))

    items, left_out = assemble(captions, splits_of(lists), names)
    return CaptionedSet("msvd", "video", items, left_out, PAPER, (file, *LISTS))


def _descriptions(path: Path) -> Mapping[str, Sequence[str]]:
    """Lines of an id, a space and the caption, after a few lines of remarks that begin with `#`."""
    found: dict[str, list[str]] = defaultdict(list)
    for _, line in read_lines(path):
        if not line.startswith("#"):
            id_, _, caption = line.partition(" ")
            found[id_].append(caption)
    return found


def _corpus(path: Path) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in read_table(path, "VideoID", "Start", "End", "Language", "Description"):
        if row["Language"] == "English":
            found[f"{row['VideoID']}_{row['Start']}_{row['End']}"].append(row["Description"])
    return found


def _numbered_names(path: Path) -> Mapping[str, Sequence[str]]:
    if not path.exists():
        return {}
    pairs = [line.split() for _, line in read_lines(path)]
    return {pair[0]: pair[1:] for pair in pairs}

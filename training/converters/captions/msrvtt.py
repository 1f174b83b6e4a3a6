"""Reads MSR-VTT: `MSRVTT_data.json` (10,000 videos, 200,000 sentences) and the lists of the "1k-A" split.

`MSRVTT_train.9k.csv` names 9,000 videos, `MSRVTT_JSFUSION_test.csv` 1,000 with one sentence each; without these two
the splits are those of the JSON itself: 6,513 / 497 / 2,990.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.converters.captions.annotation_files import read_json, read_table, records_of, value_of
from training.converters.captions.captioned_set import CaptionedSet, PaperCounts, SplitList, assemble, splits_of
from training.errors import PairSetError
from training.pair_set import Split

DATA = "MSRVTT_data.json"
TRAIN_LIST = "MSRVTT_train.9k.csv"
TEST_LIST = "MSRVTT_JSFUSION_test.csv"
SPLITS: dict[str, Split] = {"train": "train", "validate": "validation", "test": "test"}
FOLDERS = ("all", "videos/all", "TrainValVideo", "TestVideo")
PAPER = PaperCounts(train=9_000, test=1_000, captions=20)


def read_msrvtt(folder: Path, *, with_all_test_captions: bool = False) -> CaptionedSet:
    """Captions are in the order of their `sen_id`, which is not that of the file. Raises PairSetError.

    A video of the test list has the list's one sentence, as this split is used; or, `with_all_test_captions`, all.
    """
    document = read_json(folder / DATA)
    captions = _captions(document)
    if (folder / TRAIN_LIST).exists() or (folder / TEST_LIST).exists():
        train = [row["video_id"] for row in read_table(folder / TRAIN_LIST, "video_id")]
        test = {row["video_id"]: row["sentence"] for row in read_table(folder / TEST_LIST, "video_id", "sentence")}
        lists = [SplitList(TRAIN_LIST, "train", train), SplitList(TEST_LIST, "test", list(test))]
        if not with_all_test_captions:
            captions = {**captions, **{id_: [sentence] for id_, sentence in test.items() if id_ in captions}}
    else:
        lists = _own_lists(document)
    items, left_out = assemble(captions, splits_of(lists), _names)
    files = dict.fromkeys([DATA, *(listed.file for listed in lists)])
    return CaptionedSet("msrvtt", "video", items, left_out, PAPER, tuple(files))


def _names(id_: str) -> tuple[str, ...]:
    return (id_, *(f"{folder}/{id_}" for folder in FOLDERS))


def _captions(document: Any) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for record in records_of(document, "sentences", file=DATA):
        id_ = value_of(record, "video_id", str, file=DATA, item="a sentence")
        number = value_of(record, "sen_id", int, file=DATA, item=id_)
        found[id_].append((number, value_of(record, "caption", str, file=DATA, item=id_)))
    return {id_: [caption for _, caption in sorted(sentences)] for id_, sentences in found.items()}


def _own_lists(document: Any) -> list[SplitList]:
    ids: dict[Split, list[str]] = {split: [] for split in SPLITS.values()}
    for record in records_of(document, "videos", file=DATA):
        id_ = value_of(record, "video_id", str, file=DATA, item="a video")
        split = value_of(record, "split", str, file=DATA, item=id_)
        if split not in SPLITS:
            reason = f"'{split}' is none of {', '.join(SPLITS)}"
            raise PairSetError(file=DATA, field="split", item=id_, reason=reason)
        ids[SPLITS[split]].append(id_)
    return [SplitList(DATA, split, listed) for split, listed in ids.items()]

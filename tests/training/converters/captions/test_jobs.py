import pickle
from pathlib import Path

import numpy as np

from tests.training.converters.captions.sides import GivenRows
from training.converters.captions.captioned_set import CaptionedItem
from training.converters.captions.jobs import ITEMS_A_JOB, CaptionsJob, item_of, jobs_of
from training.converters.parts import LeftOut
from training.pair_set import Item


def item(id_: str, *captions: str, label: str | None = None) -> CaptionedItem:
    return CaptionedItem(id_, (id_,), captions, "train", label)


def test_items_keep_their_order_and_each_stream_has_their_rows() -> None:
    media = GivenRows({"a": [[1, 1]], "b": [[2, 2], [3, 3]]})
    captions = GivenRows({"b": [[5, 5]], "a": [[4, 4], [6, 6]]}, "text")
    made = CaptionsJob("k", (item("b", "x"), item("a", "y", "z")), "video", media, captions).convert()
    assert [kept.id for kept in made.items] == ["b", "a"]
    assert [rows.tolist() for rows in made.features["video"]] == [[[2, 2], [3, 3]], [[1, 1]]]
    assert [len(rows) for rows in made.features["captions"]] == [1, 2]
    assert made.left_out == ()


def test_what_lacks_captions_or_media_or_finite_rows_is_left_out_and_told() -> None:
    media = GivenRows({"a": [[1, 1]], "infinite": [[np.inf, 1]], "bare": [[1, 1]], "mute": [[1, 1]]})
    captions = GivenRows({"a": [[1, 1]], "infinite": [[1, 1]], "gone": [[1, 1]]}, "text")
    items = (item("bare"), item("a", "x"), item("gone", "x"), item("infinite", "x"), item("mute", "x"))
    made = CaptionsJob("k", items, "image", media, captions).convert()
    assert [kept.id for kept in made.items] == ["a"]
    assert {name: len(rows) for name, rows in made.features.items()} == {"image": 1, "captions": 1}
    assert [(left.source, left.reason) for left in made.left_out] == [
        ("bare", "no_captions"),
        ("gone", "not_given"),
        ("infinite", "features_not_finite"),
        ("mute", "not_given"),
    ]


def test_a_set_without_captions_has_one_stream() -> None:
    made = CaptionsJob("k", (item("a", label="001.ak47"),), "image", GivenRows({"a": [[1, 1]]}), None).convert()
    assert list(made.features) == ["image"]
    assert made.items[0].labels == ("001.ak47",)


def test_an_item_is_its_own_track_and_has_its_first_written_caption_for_a_title() -> None:
    assert item_of(item("a", " ", " A man. ", "x")) == Item("a", "a", "train", title="A man.")


def test_jobs_divide_the_items_and_tell_first_what_the_annotations_left_out() -> None:
    items = [item(str(number), "x") for number in range(2 * ITEMS_A_JOB + 1)]
    told = (LeftOut("z", "not_annotated"),)
    jobs = jobs_of(items, told, stream="image", media=GivenRows({}), captions=None)
    assert len(jobs) == 4
    assert jobs[0].convert().left_out == told
    divided = [job.items for job in jobs if isinstance(job, CaptionsJob)]
    assert [one.id for part in divided for one in part] == [one.id for one in items]
    assert len({job.key for job in jobs}) == len(jobs)
    assert pickle.loads(pickle.dumps(jobs[1])) == jobs[1]


def test_the_key_of_a_job_changes_with_what_the_annotations_say() -> None:
    def keys(*captions: str) -> list[str]:
        jobs = jobs_of([item("a", *captions)], (), stream="image", media=GivenRows({}), captions=None)
        return [job.key for job in jobs]

    assert keys("x") == keys("x")
    assert keys("x") != keys("y")


def test_the_key_of_a_job_changes_with_the_files_that_its_rows_come_from(tmp_path: Path) -> None:
    def keys() -> list[str]:
        media = GivenRows({}, folder=tmp_path)
        return [job.key for job in jobs_of([item("a", "x")], (), stream="image", media=media, captions=None)]

    missing = keys()
    (tmp_path / "a").write_bytes(b"one")
    found = keys()
    (tmp_path / "a").write_bytes(b"another")
    assert len({*missing, *found, *keys()}) == 3

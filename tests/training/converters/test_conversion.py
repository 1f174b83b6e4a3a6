import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.converters.number_jobs import BrokenJob, NumberJob, plan, times_called
from training.converters.conversion import Conversion, PairSetPlan, convert
from training.converters.parts import LeftOut
from training.errors import PairSetError
from training.pair_set import Item
from training.pair_set_reader import open_pair_set


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    (tmp_path / "marks").mkdir()
    return tmp_path / "marks"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def jobs_of(marks: Path, *ids: tuple[str, ...]) -> list[NumberJob]:
    return [NumberJob(f"job-{number}", named, marks) for number, named in enumerate(ids)]


def converted(
    out: Path, jobs: Sequence[NumberJob], wanted: PairSetPlan | None = None, *, processes: int = 1
) -> Conversion:
    return convert(out, jobs, wanted or plan(), processes=processes, on_job=lambda _: None)


def beside(out: Path) -> list[str]:
    return sorted(path.name for path in out.parent.iterdir() if path.name != "marks")


def test_the_items_of_all_jobs_stand_in_the_order_of_the_jobs_with_their_own_features(out: Path, marks: Path) -> None:
    jobs = jobs_of(marks, ("a", "b", "c"), (), ("d",))
    heard: list[str] = []
    conversion = convert(out, jobs, plan(), processes=2, on_job=heard.append)
    assert sorted(heard) == ["job-0", "job-1", "job-2"]
    assert (conversion.items, conversion.left_out) == ({"train": 4, "validation": 0, "test": 0}, ())
    pairs = open_pair_set(out)
    assert [item.id for item in pairs.items] == ["a", "b", "c", "d"]
    assert pairs.streams["video"].rows.tolist() == [[0, 0], [1, 0], [1, 1], [2, 0], [2, 1], [2, 2], [0, 0]]
    assert pairs.streams["title"].lengths(np.arange(4)).tolist() == [1, 0, 1, 1]
    assert beside(out) == ["out"]


def test_a_part_that_is_done_is_not_made_again(out: Path, marks: Path) -> None:
    good, broken = jobs_of(marks, ("a",), ("b",))
    with pytest.raises(BrokenJob):
        converted(out, [good, replace(broken, fails="raises")])
    assert not out.exists()
    converted(out, [good, broken])
    assert [item.id for item in open_pair_set(out).items] == ["a", "b"]
    assert (times_called(marks, "job-0"), times_called(marks, "job-1")) == (1, 2)
    assert beside(out) == ["out"]


def test_every_job_is_told_once_also_where_its_part_was_there(out: Path, marks: Path) -> None:
    good, broken = jobs_of(marks, ("a",), ("b",))
    with pytest.raises(BrokenJob):
        converted(out, [good, replace(broken, fails="raises")])
    heard: list[str] = []
    convert(out, [good, broken], plan(), processes=1, on_job=heard.append)
    assert heard == ["job-0", "job-1"]


def test_parts_of_other_settings_are_not_used(out: Path, marks: Path) -> None:
    good, broken = jobs_of(marks, ("a",), ("b",))
    with pytest.raises(BrokenJob):
        converted(out, [good, replace(broken, fails="raises")], plan(cut_s=10))
    converted(out, [good, broken], plan(cut_s=20))
    assert times_called(marks, "job-0") == 2


def test_parts_of_other_streams_are_not_used(out: Path, marks: Path) -> None:
    good, broken = jobs_of(marks, ("a",), ("b",))
    with pytest.raises(BrokenJob):
        converted(out, [good, replace(broken, fails="raises")])
    video = plan().streams["video"]
    other = replace(video, form=replace(video.form, space="another"))
    converted(out, [good, broken], replace(plan(), streams={**plan().streams, "video": other}))
    assert times_called(marks, "job-0") == 2


def test_half_a_part_is_not_taken_for_one(out: Path, marks: Path) -> None:
    good, broken = jobs_of(marks, ("a",), ("b",))
    with pytest.raises(BrokenJob):
        converted(out, [good, replace(broken, fails="raises")])
    (parts,) = out.parent.glob("out.parts/*")
    (parts / "job-1.tmp").write_bytes((parts / "job-0.npz").read_bytes()[:100])
    converted(out, [good, broken])
    assert [item.id for item in open_pair_set(out).items] == ["a", "b"]


def test_what_is_left_out_is_told_counted_and_listed(out: Path, marks: Path) -> None:
    silent = [LeftOut(name, "no_sound", 'it is "silent", all of it') for name in ("x", "y")]
    jobs = jobs_of(marks, ("a",), ("b",))
    jobs = [replace(jobs[0], left_out=(*silent, LeftOut("z", "too_short"))), jobs[1]]
    conversion = converted(out, jobs, plan(cut_s=None))
    assert conversion.reasons() == {"no_sound": 2, "too_short": 1}
    assert conversion.left_out == (*silent, LeftOut("z", "too_short"))
    with (out / "left_out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {"source": "x", "reason": "no_sound", "detail": 'it is "silent", all of it'}
    assert [row["source"] for row in rows] == ["x", "y", "z"]
    report = json.loads((out / "conversion.json").read_text())
    assert report["settings"] == {"cut_s": None}
    assert report["items"] == {"train": 2, "validation": 0, "test": 0}
    assert report["left_out"] == {"no_sound": 2, "too_short": 1}


def test_a_job_whose_process_dies_is_left_out_and_the_others_are_there(out: Path, marks: Path) -> None:
    jobs = jobs_of(marks, ("a",), ("b",), ("c",))
    conversion = converted(out, [jobs[0], replace(jobs[1], fails="dies"), jobs[2]], processes=2)
    assert conversion.left_out == (LeftOut("part of b", "process_died"),)
    assert [item.id for item in open_pair_set(out).items] == ["a", "c"]
    # Once among the others, once alone.
    assert times_called(marks, "job-1") == 2


def test_a_job_whose_process_died_once_is_made_alone(out: Path, marks: Path) -> None:
    first, second = jobs_of(marks, ("a",), ("b",))
    conversion = converted(out, [first, replace(second, fails="dies once")])
    assert conversion.left_out == ()
    assert [item.id for item in open_pair_set(out).items] == ["a", "b"]


def test_of_items_with_one_id_the_first_is_kept_with_its_own_features(out: Path, marks: Path) -> None:
    conversion = converted(out, jobs_of(marks, ("a", "b"), ("c", "a", "d"), ("c",)))
    assert [(left.source, left.reason) for left in conversion.left_out] == [("a", "repeated_id"), ("c", "repeated_id")]
    pairs = open_pair_set(out)
    assert [item.id for item in pairs.items] == ["a", "b", "c", "d"]
    # The number of an item's rows tells which of its job it was.
    assert pairs.streams["video"].lengths(np.arange(4)).tolist() == [1, 2, 1, 3]


def test_items_may_be_rewritten_once_all_are_known(out: Path, marks: Path) -> None:
    def last_for_testing(items: Sequence[Item]) -> Sequence[Item]:
        return [*items[:-1], replace(items[-1], split="test")]

    jobs = jobs_of(marks, ("a", "b"), ("c",))
    found = convert(out, jobs, plan(), processes=1, on_job=lambda _: None, together=last_for_testing)
    assert found.items == {"train": 2, "validation": 0, "test": 1}
    assert [item.split for item in open_pair_set(out).items] == ["train", "train", "test"]


def test_texts_are_laid_beside_the_features(out: Path, marks: Path) -> None:
    converted(out, jobs_of(marks, ("a",)), plan(attachments={"measured_with.json": "{}\n"}))
    assert (out / "measured_with.json").read_text() == "{}\n"


def test_a_folder_that_exists_is_refused_before_any_job(out: Path, marks: Path) -> None:
    out.mkdir()
    with pytest.raises(PairSetError, match="exists already"):
        converted(out, jobs_of(marks, ("a",)))
    assert times_called(marks, "job-0") == 0


def test_a_source_of_which_nothing_could_be_used_says_why(out: Path, marks: Path) -> None:
    (job,) = jobs_of(marks, ())
    with pytest.raises(PairSetError, match="nothing could be converted: 2 no_sound"):
        converted(out, [replace(job, left_out=(LeftOut("x", "no_sound"), LeftOut("y", "no_sound")))])
    with pytest.raises(PairSetError, match="the source is empty"):
        converted(out.with_name("other"), [])
    assert not out.exists()


def test_an_items_features_of_a_wrong_width_leave_no_pair_set(out: Path, marks: Path) -> None:
    video = plan().streams["video"]
    wide = replace(plan(), streams={**plan().streams, "video": replace(video, form=replace(video.form, dim=3))})
    with pytest.raises(PairSetError) as caught:
        converted(out, jobs_of(marks, ("a",)), wide)
    assert (caught.value.file, caught.value.item) == ("video.npy", "a")
    assert not out.exists()


def test_a_process_that_dies_does_not_make_the_rest_wait_in_line(out: Path, marks: Path) -> None:
    first, *others = jobs_of(marks, *((f"item-{number}",) for number in range(40)))
    conversion = converted(out, [replace(first, fails="dies"), *others], processes=2)
    assert conversion.items["train"] == 39
    # Two and two before and after, and one for each of the four that were in hand.
    assert len({mark.read_text() for mark in marks.iterdir()}) <= 8


def test_a_pair_set_that_another_run_is_making_is_refused(out: Path, marks: Path) -> None:
    jobs = jobs_of(marks, ("a",))

    def make_it_too(_: str) -> None:
        with pytest.raises(PairSetError, match="out: folder: is being made by another run"):
            converted(out, jobs, plan(cut_s=3))

    convert(out, jobs, plan(), processes=1, on_job=make_it_too)
    assert [item.id for item in open_pair_set(out).items] == ["a"]
    assert beside(out) == ["out"]


def test_a_folder_that_cannot_be_made_is_named(out: Path, marks: Path) -> None:
    out.parent.joinpath("file").touch()
    with pytest.raises(PairSetError, match="folder: cannot be made: Not a directory"):
        converted(out.parent / "file" / "out", jobs_of(marks, ("a",)))

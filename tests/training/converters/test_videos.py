import csv
from pathlib import Path

import numpy as np
import pytest

from app.domain import Brief
from app.encoders.spec import read_spec
from tests.media_files import Film, tone, write_sound, write_text, write_video
from tests.training.converters.films import write_film
from tests.training.converters.video_commands import parsed
from training import convert
from training.converters.video_backbones import STARTER
from training.converters.video_job import VideoJob
from training.converters.videos import open_source
from training.errors import PairSetError
from training.measured_with import measured_by, measured_with
from training.pair_set_reader import open_pair_set
from training.preparation import require_fitting


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that are only looked for, not opened."""
    folder = tmp_path / "videos"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.mp4", "b.mp4", "deep/c.mp4"):
        (folder / name).write_text(name)
    return folder


def jobs_of(folder: Path, *arguments: str) -> dict[str, VideoJob]:
    source = open_source(parsed(folder, "--device", "cpu", *arguments))
    jobs = [job for job in source.jobs if isinstance(job, VideoJob)]
    assert len(jobs) == len(source.jobs)
    return {job.file.name: job for job in jobs}


def fault_of(folder: Path, *arguments: str) -> PairSetError:
    with pytest.raises(PairSetError) as caught:
        open_source(parsed(folder, "--device", "cpu", *arguments))
    return caught.value


def test_a_folder_becomes_a_pair_set_that_tells_with_what_it_was_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "videos", tmp_path / "pairs"
    (folder / "deep").mkdir(parents=True)
    first = write_film(folder / "a.mp4", Film(seconds=4.5), tone(4.5), tags={"title": "Night drive"})
    write_film(folder / "deep" / "b.mkv", Film(seconds=9.0), tone(9.0, frequency_hz=880.0), sound_codec="flac")
    (folder / "deep" / "copy.mp4").write_bytes(first.read_bytes())
    write_video(folder / "mute.mp4", Film(seconds=4.5))
    write_sound(folder / "song.flac", seconds=4.5)
    write_text(folder / "notes.txt")
    convert.main(["videos", str(folder), "--out", str(out), "--cut", "4", "--processes", "1", "--device", "cpu"])
    shown = capsys.readouterr().out
    assert "3 pairs" in shown
    assert "left out 4" in shown
    pairs = open_pair_set(out)
    require_fitting(pairs, read_spec(STARTER))
    assert measured_with(pairs) == measured_by(read_spec(STARTER))
    assert [item.id for item in pairs.items] == ["a.mp4", "deep/b.mkv#t=0.00,4.50", "deep/b.mkv#t=4.50,9.00"]
    assert pairs.track_codes.tolist() == [0, 1, 1]
    assert pairs.streams["title"].lengths(np.arange(3)).tolist() == [1, 0, 0]
    assert pairs.streams["video"].lengths(np.arange(3)).tolist() == [32, 32, 32]
    assert pairs.streams["music"].lengths(np.arange(3)).tolist() == [16, 16, 16]
    assert pairs.query == ("video", "title", "keywords")
    with (out / "left_out.csv").open(newline="") as file:
        left_out = {row["source"]: row["reason"] for row in csv.DictReader(file)}
    assert left_out == {
        "deep/copy.mp4": "duplicate",
        "mute.mp4": "no_audio_stream",
        "notes.txt": "unreadable_media",
        "song.flac": "no_video_stream",
    }


def test_without_a_list_every_file_is_its_own_track_and_its_tags_are_read(folder: Path) -> None:
    jobs = jobs_of(folder)
    assert {name: job.track for name, job in jobs.items()} == {name: name for name in ("a.mp4", "b.mp4", "deep/c.mp4")}
    assert {job.brief for job in jobs.values()} == {None}


def test_a_list_tells_words_track_and_split_and_a_file_it_does_not_name_has_no_words(folder: Path) -> None:
    listed = folder / "list.csv"
    listed.write_text("file,title,keywords,track,split\na.mp4,Night,neon;fast,song,test\ndeep/c.mp4,,,song,\n")
    jobs = jobs_of(folder, "--csv", str(listed))
    assert list(jobs) == ["a.mp4", "b.mp4", "deep/c.mp4"]
    assert jobs["a.mp4"].brief == Brief("Night", ("neon", "fast"))
    assert jobs["b.mp4"].brief == Brief()
    assert (jobs["a.mp4"].track, jobs["a.mp4"].split) == ("song", "test")
    assert (jobs["deep/c.mp4"].track, jobs["deep/c.mp4"].split) == ("song", "test")
    assert jobs["b.mp4"].track == "b.mp4"


def test_a_row_without_a_file_is_left_out_and_told(folder: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("file\na.mp4\n../pairs/x.mp4\n")
    (told,) = jobs_of(folder, "--csv", str(listed))["../pairs/x.mp4"].convert().left_out
    assert (told.source, told.reason, told.detail) == ("../pairs/x.mp4", "file_not_found", "named in list.csv:3")


def test_the_settings_hold_all_that_decides_the_pairs_beside_the_files(folder: Path) -> None:
    plain = open_source(parsed(folder, "--device", "cpu")).plan.settings
    for changed in (("--cut", "9"), ("--shortest", "2"), ("--longest", "99"), ("--windows", "3"), ("--seed", "4")):
        assert open_source(parsed(folder, "--device", "cpu", *changed)).plan.settings != plain


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--validation-share", "0.6", "--test-share", "0.5"), "nothing to train on"),
        (("--cut", "3.9"), "shorter than a window of the sound, which lasts 4 s"),
        (("--csv", "nowhere.csv"), "No such file"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(
    folder: Path, arguments: tuple[str, ...], reason: str
) -> None:
    assert reason in fault_of(folder, *arguments).reason


def test_a_pair_set_among_the_videos_and_a_folder_that_is_none_are_refused(folder: Path, tmp_path: Path) -> None:
    assert "among the videos" in fault_of(folder, "--out", str(folder / "pairs")).reason
    assert "is no folder" in fault_of(tmp_path / "nothing").reason


@pytest.mark.parametrize(
    "arguments", [("--cut", "0"), ("--cut", "nan"), ("--shortest", "x"), ("--test-share", "1"), ("--test-share", "-1")]
)
def test_numbers_out_of_range_are_named(
    folder: Path, arguments: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parsed(folder, *arguments)
    assert f"'{arguments[1]}'" in capsys.readouterr().err

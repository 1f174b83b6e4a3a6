from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.domain import Brief, Float32Array, VideoMaterial
from app.encoders.backbones import ChosenBackbones
from tests.encoders.checkpoints import small_spec
from tests.media_files import Film, tone, truncate, write_sound, write_text, write_video
from tests.training.converters.films import write_film
from training.converters.parts import LeftOut
from training.converters.video_folder import FoundFile
from training.converters.video_job import VideoJob
from training.converters.video_measuring import Measuring
from training.converters.video_sections import Lengths

LENGTHS = Lengths(shortest_s=1.0, longest_s=60.0, cut_s=None)
MEASURING = Measuring(ChosenBackbones.of(small_spec()), Path("small"), "cpu", None)


def job_of(path: Path, *, brief: Brief | None = None, lengths: Lengths = LENGTHS) -> VideoJob:
    return VideoJob(FoundFile(path.name, path), "a track", "validation", brief, lengths, MEASURING)


def reason_of(path: Path) -> str:
    made = job_of(path).convert()
    assert made.items == ()
    assert not made.features
    (left,) = made.left_out
    assert left.source == path.name
    return left.reason


def test_a_film_becomes_a_pair_of_its_picture_its_sound_and_the_words_said_of_it(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", Film(seconds=4.0), tone(4.0))
    made = job_of(path, brief=Brief("Night drive", ("neon",))).convert()
    assert made.left_out == ()
    (item,) = made.items
    assert (item.id, item.track, item.split) == ("a.mp4", "a track", "validation")
    assert (item.title, item.keywords) == ("Night drive", ("neon",))
    shapes = {name: [rows.shape for rows in values] for name, values in made.features.items()}
    assert shapes == {"video": [(6, 45)], "music": [(3, 89)], "title": [(1, 8192)], "keywords": [(1, 8192)]}


def test_without_a_list_the_files_own_tags_are_its_words(tmp_path: Path) -> None:
    tags = {"title": "Night drive", "genre": "Synthwave"}
    path = write_film(tmp_path / "a.mp4", Film(seconds=4.0), tone(4.0), tags=tags)
    (item,) = job_of(path).convert().items
    assert (item.title, item.keywords) == ("Night drive", ("Synthwave",))
    (unsaid,) = job_of(path, brief=Brief()).convert().items
    assert (unsaid.title, unsaid.keywords) == (None, ())


def test_a_cut_film_becomes_several_pairs_of_one_track(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mkv", Film(seconds=8.0), tone(8.0), sound_codec="flac")
    made = job_of(path, brief=Brief("Night drive"), lengths=replace(LENGTHS, cut_s=4.0)).convert()
    assert [item.id for item in made.items] == ["a.mkv#t=0.00,4.00", "a.mkv#t=4.00,8.00"]
    assert {(item.track, item.split, item.title) for item in made.items} == {("a track", "validation", "Night drive")}
    assert {name: len(rows) for name, rows in made.features.items()} == dict.fromkeys(made.features, 2)
    first, second = made.features["video"]
    assert not np.allclose(first, second)


@pytest.mark.parametrize(
    ("reason", "write"),
    [
        ("no_audio_stream", lambda path: write_video(path, Film(seconds=4.0))),
        ("no_video_stream", lambda path: write_sound(path, codec="aac", seconds=4.0)),
        ("silent_audio", lambda path: write_film(path, Film(seconds=4.0), tone(4.0, amplitude=0.0))),
        ("media_too_short", lambda path: write_film(path, Film(seconds=0.5), tone(0.5))),
        ("media_too_long", lambda path: write_film(path, Film(seconds=61.0, frames_per_second=1), tone(61.0))),
        ("unreadable_media", write_text),
        ("unreadable_media", lambda path: truncate(write_film(path, Film(seconds=4.0), tone(4.0)), 0.3)),
        ("unreadable_file", lambda path: path),
    ],
)
def test_what_makes_no_pair_is_left_out_with_a_stable_code(tmp_path: Path, reason: str, write: object) -> None:
    assert callable(write)
    assert reason_of(write(tmp_path / "a.mp4")) == reason


def test_what_was_passed_over_is_told_and_not_opened(tmp_path: Path) -> None:
    told = LeftOut("a.mp4", "duplicate", "of b.mp4")
    job = replace(job_of(tmp_path / "a.mp4"), file=FoundFile("a.mp4", tmp_path / "a.mp4", passed_over=told))
    assert job.convert().left_out == (told,)


class _Broken(Measuring):
    def video(self, material: VideoMaterial) -> Float32Array:
        return np.full((6, 45), np.nan, np.float32)


def test_features_that_are_no_numbers_are_left_out(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", Film(seconds=4.0), tone(4.0))
    broken = _Broken(MEASURING.chosen, MEASURING.folder, "cpu", None)
    made = replace(job_of(path), measuring=broken).convert()
    assert made.left_out == (LeftOut("a.mp4", "features_not_finite"),)


def test_a_part_done_before_is_used_again_only_while_nothing_of_it_has_changed(tmp_path: Path) -> None:
    job = job_of(tmp_path / "a.mp4", brief=Brief("Night drive"))
    assert job.key == replace(job).key
    changed = [
        replace(job, file=replace(job.file, name="b.mp4")),
        replace(job, file=replace(job.file, size_bytes=9)),
        replace(job, file=replace(job.file, modified_ns=9)),
        replace(job, file=replace(job.file, passed_over=LeftOut("a.mp4", "duplicate"))),
        replace(job, track="another"),
        replace(job, split="test"),
        replace(job, brief=Brief("Day drive")),
        replace(job, brief=None),
    ]
    assert len({job.key, *(other.key for other in changed)}) == 1 + len(changed)
    assert job.key.isalnum()

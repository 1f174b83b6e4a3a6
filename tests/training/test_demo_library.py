import csv
from pathlib import Path

import numpy as np
import pytest

from app.domain import MediaLimits
from app.media.probe import probe
from app.media.sound import read_sound
from app.media.tags import read_tags
from training.demo_library import compose_library, file_name
from training.procedural.demo_styles import demo_tracks

LIMITS = MediaLimits(max_duration_s=600)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    compose_library(folder, count=2, on_track=lambda title: None)
    return folder


def test_there_are_48_tracks_of_half_a_minute_to_a_minute_with_titles_of_their_own() -> None:
    tracks = demo_tracks()
    assert len(tracks) == 48
    assert len({file_name(track) for track in tracks}) == 48
    assert all(30 <= track.length_s <= 60 for track in tracks)
    assert all(track.moods for track in tracks)


def test_the_list_names_every_file_with_its_moods_and_its_licence(library: Path) -> None:
    with (library / "library.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["file"] for row in rows) == sorted(path.name for path in library.glob("*.mp3"))
    assert {row["license"] for row in rows} == {"CC0-1.0"}
    assert all(row["title"] and row["moods"] for row in rows)


def test_a_track_is_music_in_stereo_with_tags(library: Path) -> None:
    path = library / file_name(demo_tracks()[0])
    info = probe(path, LIMITS, want="sound")
    assert info.sound is not None
    assert info.sound.channels == 2
    assert 28 <= info.duration_s <= 66
    assert read_tags(path).title == demo_tracks()[0].title
    samples = read_sound(path, 22_050, limits=LIMITS).samples
    assert 0.05 < np.abs(samples).max() <= 1.05
    assert np.abs(samples.mean()) < 0.01


def test_a_second_run_keeps_what_is_there(library: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in library.glob("*.mp3")}
    heard: list[str] = []
    compose_library(library, count=2, on_track=heard.append)
    assert {path: path.stat().st_mtime_ns for path in library.glob("*.mp3")} == before
    assert len(heard) == 2

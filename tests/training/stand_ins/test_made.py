import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.tiny_stand_ins import VIDEOS
from training.classes import class_codes, first_two_of_classes
from training.pair_set_reader import open_pair_set
from training.pools import POOL_SIZES
from training.stand_ins import made
from training.stand_ins.captioned import CAPTIONED
from training.stand_ins.made import CALTECH, MUSIC_VIDEOS, NAMES, stand_in


@pytest.fixture
def few_videos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "VideoMusic", lambda: VIDEOS)


@pytest.mark.parametrize("name", NAMES)
def test_every_stand_in_is_a_readable_pair_set_under_its_name(tmp_path: Path, name: str) -> None:
    folder = stand_in(name, tmp_path)
    assert folder.parent == tmp_path
    assert folder.name.startswith(f"procedural-{name}-")
    pairs = open_pair_set(folder)
    least = {MUSIC_VIDEOS: max(POOL_SIZES), CALTECH: 512}.get(name, 400)
    assert len(pairs.items_of("test")) >= least
    assert len(pairs.items_of("validation")) >= 100
    assert len(pairs.items_of("train")) >= 500


def test_the_pictures_are_enough_for_batches_of_128_classes_and_a_pool_of_256(tmp_path: Path) -> None:
    pairs = open_pair_set(stand_in(CALTECH, tmp_path))
    assert len(first_two_of_classes(class_codes(pairs), pairs.items_of("test"))[0]) == 256


def test_what_is_there_is_not_made_again(tmp_path: Path, few_videos: None) -> None:
    folder = stand_in(MUSIC_VIDEOS, tmp_path)
    (folder / "mark").write_text("made before")
    assert stand_in(MUSIC_VIDEOS, tmp_path) == folder
    assert (folder / "mark").exists()
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_other_settings_are_another_set(tmp_path: Path, few_videos: None, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stand_in(MUSIC_VIDEOS, tmp_path)
    monkeypatch.setattr(made, "VideoMusic", lambda: replace(VIDEOS, seed=9))
    assert stand_in(MUSIC_VIDEOS, tmp_path) != before
    few = replace(CAPTIONED["clotho"], train=4, validation=2, test=2)
    monkeypatch.setitem(CAPTIONED, "clotho", few)
    first = stand_in("clotho", tmp_path)
    monkeypatch.setitem(CAPTIONED, "clotho", replace(few, captions=4))
    assert stand_in("clotho", tmp_path) != first
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("source", ["latents.py", "video_music.py"])
def test_another_source_makes_another_set(
    tmp_path: Path, few_videos: None, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    before = stand_in(MUSIC_VIDEOS, tmp_path / "pairs").name
    copied = tmp_path / "stand_ins"
    shutil.copytree(Path(made.__file__).parent, copied, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(made, "__file__", str(copied / "made.py"))
    assert stand_in(MUSIC_VIDEOS, tmp_path / "pairs").name == before
    with (copied / source).open("a") as file:
        file.write("# another\n")
    assert stand_in(MUSIC_VIDEOS, tmp_path / "pairs").name != before


def test_a_name_that_is_no_stand_in_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="imagenet"):
        stand_in("imagenet", tmp_path)
    assert not list(tmp_path.iterdir())

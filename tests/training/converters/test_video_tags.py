from pathlib import Path

import pytest

from app.domain import Brief, MediaLimits
from app.errors import UnreadableMedia
from tests.media_files import Film, tone
from tests.training.converters.films import write_film
from training.converters.video_tags import words_of_tags

LIMITS = MediaLimits(max_duration_s=60.0)
TAGS = {"title": "Night  drive", "genre": "Synthwave", "keywords": "neon; fast,,neon"}


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_film_of_any_container_says_its_title_genre_and_keywords(tmp_path: Path, name: str) -> None:
    path = write_film(tmp_path / name, Film(seconds=1.0), tone(1.0), tags=TAGS)
    assert words_of_tags(path, LIMITS) == Brief("Night drive", ("Synthwave", "neon", "fast"))


def test_a_film_of_a_telephone_says_its_title(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mov", Film(seconds=1.0), tone(1.0), tags={"title": "Night drive"})
    assert words_of_tags(path, LIMITS) == Brief("Night drive")


def test_a_film_that_says_nothing_has_no_words(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mkv", Film(seconds=1.0), tone(1.0))
    assert words_of_tags(path, LIMITS) == Brief()


def test_what_is_no_media_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no film" * 100)
    with pytest.raises(UnreadableMedia):
        words_of_tags(tmp_path / "a.mp4", LIMITS)

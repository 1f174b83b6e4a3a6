import pytest

from app.media.accepted import CONTAINERS
from app.recommendation.media_types import MEDIA_TYPES, media_type

# Probing tells these families' members apart.
FAMILIES = {"mp4/mov/m4a/3gp": {"mp4", "mov"}, "mkv/webm/mka": {"mkv", "webm"}}


def test_every_container_that_is_accepted_has_a_name() -> None:
    assert set(MEDIA_TYPES) == {name for family in CONTAINERS for name in FAMILIES.get(family, {family})}


@pytest.mark.parametrize(
    ("container", "codec", "name"),
    [
        ("ogg", "vorbis", "audio/ogg"),
        ("mp4", "aac", "audio/mp4"),
        ("mkv", "opus", "audio/webm"),
        ("mkv", "flac", "audio/x-matroska"),
        ("unheard-of", "", "application/octet-stream"),
    ],
)
def test_a_file_is_named_as_browsers_know_it(container: str, codec: str, name: str) -> None:
    assert media_type(container, codec=codec) == name

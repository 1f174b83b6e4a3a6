import pytest

from app.recommendation.media_types import media_type


@pytest.mark.parametrize(
    ("container", "codec", "has_picture", "name"),
    [
        ("ogg", "vorbis", False, "audio/ogg"),
        ("mov", "aac", False, "audio/mp4"),
        ("mov", "aac", True, "video/mp4"),
        ("matroska", "opus", False, "audio/webm"),
        ("matroska", "flac", False, "audio/x-matroska"),
        ("unheard-of", "", False, "application/octet-stream"),
    ],
)
def test_a_file_is_named_as_browsers_know_it(container: str, codec: str, has_picture: bool, name: str) -> None:
    assert media_type(container, codec=codec, has_picture=has_picture) == name

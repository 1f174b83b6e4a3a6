from dataclasses import replace

import pytest

from app.domain import Track, TrackDetails
from app.recommendation.credits import credits_line
from app.recommendation.library import Library
from tests.fake_pool import FakePool
from tests.recommendation.tracks_at_hand import add

SAID = TrackDetails(title="Night drive", artist="A. Composer", license="CC-BY-4.0", source_url="https://example.org/n")


@pytest.fixture
def track(library: Library, pool: FakePool) -> Track:
    return add(library, pool, b"untagged music").track


@pytest.mark.parametrize(
    ("details", "line"),
    [
        (SAID, "Night drive by A. Composer (CC-BY-4.0), https://example.org/n"),
        (replace(SAID, attribution="Night drive © A."), "Night drive © A."),
        (replace(SAID, artist=None, source_url=None), "Night drive (CC-BY-4.0)"),
        (replace(SAID, license=None, source_url=None), "Night drive by A. Composer"),
        (TrackDetails(), "song.ogg"),
    ],
)
def test_the_line_says_what_its_owner_asks_for_or_else_what_is_known(
    track: Track, details: TrackDetails, line: str
) -> None:
    assert credits_line(replace(track, details=details)) == line

"""Videos that are asked about, for tests of the use-cases: the whole way of POST /recommend, without HTTP."""

import asyncio
import hashlib
from datetime import timedelta

from app.access import ANYBODY, Caller
from app.domain import Brief
from app.filters import Shaping, TrackFilter
from app.recommendation.library import Library
from app.recommendation.new_recommendation import Asked, VideoFile, recommend
from app.recommendation.ranking_pages import PageWanted, RankingPage, ranking_page
from tests.fake_pool import FakePool

NO_FILTER, NO_SHAPING, NO_WORDS = TrackFilter(), Shaping(), Brief()
DAY = timedelta(hours=24)


def wanted(
    tracks: TrackFilter = NO_FILTER, shaping: Shaping = NO_SHAPING, *, limit: int = 10, offset: int = 0
) -> PageWanted:
    return PageWanted(tracks=tracks, shaping=shaping, limit=limit, offset=offset)


def ask(
    library: Library,
    pool: FakePool,
    video: bytes = b"a video",
    *,
    brief: Brief = NO_WORDS,
    page: PageWanted | None = None,
    keeps: bool = False,
    caller: Caller = ANYBODY,
    lasts: timedelta = DAY,
) -> RankingPage:
    """The first page of a new recommendation."""
    asked = Asked(brief=brief, page=page or wanted(), keeps_video=keeps, caller=caller)
    with library.blobs.new_upload() as path:
        path.write_bytes(video)
        file = VideoFile(path, hashlib.sha256(video).hexdigest())
        return asyncio.run(recommend(file, asked, lasts=lasts, library=library, encoder=pool, tell=lambda _: None))


def ask_again(
    found: RankingPage, library: Library, pool: FakePool, page: PageWanted | None = None, *, caller: Caller = ANYBODY
) -> RankingPage:
    """A page of a recommendation that is there."""
    return ranking_page(found.recommendation.id, page or wanted(), caller=caller, library=library, encoder=pool)


def numbers(page: RankingPage) -> list[int]:
    return [ranked.track.number for ranked in page.results]

"""The music for one video: encode it, draw a ranking, keep what the next questions about it need. Knows no HTTP."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from ulid import ULID

from app.access import Caller
from app.blobs.features import features_bytes
from app.catalogue.rankings import Ranking
from app.catalogue.recommendations import RecommendationStore, StoredRecommendation, VideoFacts, VideoFeatures
from app.domain import Brief, EncodedVideo
from app.recommendation.forget import delete_unnamed
from app.recommendation.library import Library, SectionEncoder, VideoEncoder
from app.recommendation.ranking_pages import PageWanted, RankingPage, cut_page, draw_for, key_of_page
from app.recommendation.stopwatch import Stopwatch


class Encoder(VideoEncoder, SectionEncoder, Protocol):
    """In production the inference pool."""


@dataclass(frozen=True, slots=True)
class VideoFile:
    """An uploaded video; `sha256` is of all its bytes."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to know of a video. `keeps_video`: for rendering, as long as the recommendation lasts."""

    brief: Brief
    page: PageWanted
    keeps_video: bool
    caller: Caller


async def recommend(
    video: VideoFile,
    asked: Asked,
    *,
    lasts: timedelta,
    library: Library,
    encoder: Encoder,
    tell: Callable[[str], None],
) -> RankingPage:
    """The first page of a new recommendation, which `lasts` so long. The file is gone afterwards: deleted once decoded,
    or moved to be kept.

    `tell` hears of the stages as they begin, from any thread. Raises what the encoder raises, DiskFull, and
    CheckpointMismatch where the library was moved to another checkpoint meanwhile; nothing is stored then.
    """
    encoding = encoder.encode_video(video.path, asked.brief, discard_source=not asked.keeps_video, tell=tell)
    encoded = await asyncio.wrap_future(encoding)
    tell("search")
    made = _made(encoded, asked, lasts, digest=library.digest, sha256=video.sha256 if asked.keeps_video else None)
    return await asyncio.to_thread(partial(_answer, video, asked, encoded, made, library=library, encoder=encoder))


def _made(
    encoded: EncodedVideo, asked: Asked, lasts: timedelta, *, digest: str, sha256: str | None
) -> StoredRecommendation:
    """`sha256`: of the video that will be kept."""
    now, picture = datetime.now(UTC), encoded.info.video
    width, height = (picture.width, picture.height) if picture else (0, 0)
    return StoredRecommendation(
        id=str(ULID()),
        owner=asked.caller.key_id,
        created_at=now,
        expires_at=now + lasts,
        digest=digest,
        embedding=encoded.embedding,
        video=VideoFacts(encoded.info.duration_s, width, height, encoded.frame_count, encoded.look),
        brief=asked.brief,
        text_used=encoded.text_used,
        video_sha256=sha256,
    )


def _answer(
    video: VideoFile,
    asked: Asked,
    encoded: EncodedVideo,
    made: StoredRecommendation,
    *,
    library: Library,
    encoder: SectionEncoder,
) -> RankingPage:
    spent = Stopwatch()
    ranking = draw_for(made, asked.page, library=library, spent=spent)
    page = cut_page(made, ranking, asked.page, library=library, encoder=encoder, spent=spent)
    with spent.on("catalogue"):
        # Last of all: whatever failed before has left nothing to clear away.
        features = VideoFeatures(features_bytes(encoded.features), library.spec.video.space)
        _store(made, features, ranking, asked.page, library=library, path=video.path)
    return replace(page, timing_ms={**encoded.timing_ms, **spent.spent_ms})


def _store(
    made: StoredRecommendation,
    features: VideoFeatures,
    ranking: Ranking,
    page: PageWanted,
    *,
    library: Library,
    path: Path,
) -> None:
    store = RecommendationStore(library.catalogue.transactions)
    save = partial(store.create, made, features, key=key_of_page(made, page), ranking=ranking)
    if made.video_sha256 is None:
        save()
        return
    with library.turn(made.video_sha256), ExitStack() as undoing:
        library.blobs.put(path, made.video_sha256)
        undoing.callback(delete_unnamed, made.video_sha256, library=library)
        save()
        undoing.pop_all()

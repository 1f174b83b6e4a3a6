"""The music for one video: encode it, search, look the tracks up, rank. Knows no HTTP and keeps nothing."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from app.domain import Brief, EncodedVideo, Track
from app.errors import CheckpointMismatch
from app.recommendation.library import Library, VideoEncoder
from app.recommendation.rank import RankedTrack, rank

# Hits fetched beyond those asked for: an index hit whose row is gone since is left out, and must be made up for.
SPARE_HITS = 10


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The ranked tracks, what was encoded, and milliseconds by stage."""

    encoded: EncodedVideo
    results: list[RankedTrack]
    library_size: int
    timing_ms: dict[str, float]


async def recommend(
    video: Path,
    brief: Brief,
    *,
    limit: int,
    library: Library,
    encoder: VideoEncoder,
    discard_video: bool = False,
) -> Recommendation:
    """The best `limit` tracks for a video; fewer only where the library has fewer.

    `discard_video`: delete the file as soon as it is not needed any more. Raises what the encoder raises.
    """
    encoded = await asyncio.wrap_future(encoder.encode_video(video, brief, discard_source=discard_video))
    return await asyncio.to_thread(search, encoded, limit=limit, library=library)


def search(encoded: EncodedVideo, *, limit: int, library: Library) -> Recommendation:
    """The best `limit` tracks for an encoded video.

    Raises CheckpointMismatch where the library was moved to another checkpoint meanwhile.
    """
    size = len(library.upkeep.index)
    wanted, spent_ms = limit + SPARE_HITS, {"search": 0.0, "catalogue": 0.0}
    while True:
        started = time.perf_counter()
        matches = library.upkeep.index.search(encoded.embedding, limit=wanted)
        found = time.perf_counter()
        tracks = _tracks(library, [match.number for match in matches])
        spent_ms["search"] += (found - started) * 1000
        spent_ms["catalogue"] += (time.perf_counter() - found) * 1000
        if len(tracks) >= limit or len(matches) < wanted:
            break
        wanted *= 4
    return Recommendation(encoded, rank(matches, tracks, limit=limit), size, {**encoded.timing_ms, **spent_ms})


def _tracks(library: Library, numbers: list[int]) -> dict[int, Track]:
    with library.catalogue.reading() as queries:
        active = queries.active_digest()
        # Another process may have moved the library; this index will hear of no track that comes after that.
        if active != library.digest:
            raise CheckpointMismatch(active=str(active), offered=library.digest)
        return queries.tracks(numbers)

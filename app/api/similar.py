"""More like a track, over HTTP."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from app.api.dependencies import LibraryDep
from app.api.documentation import of_a_parameter, of_a_track_id, problems
from app.api.query_filters import FILTER_FIELDS, FiltersDep, parameters, takes_only
from app.api.track_schemas import MatchedTrack
from app.recommendation.similar import similar_tracks

MOST_RESULTS = 100
USUAL_RESULTS = 10

router = APIRouter(tags=["music"])


class SimilarTrack(BaseModel):
    score: float = Field(description="(cosine + 1) / 2 of the two tracks' embeddings, 0 to 1")
    track: MatchedTrack


class SimilarTracks(BaseModel):
    items: list[SimilarTrack] = Field(description="best first")


@router.get(
    "/music/{track_id}/similar",
    summary="Tracks that sound like a track",
    responses=problems(of_a_track_id(), of_a_parameter("bpm_min", "must be a number such as 96 or 96.5")),
    dependencies=[Depends(takes_only({"limit", *FILTER_FIELDS}))],
    openapi_extra=parameters(FILTER_FIELDS),
)
async def read_similar(
    track_id: str,
    library: LibraryDep,
    tracks: FiltersDep,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = USUAL_RESULTS,
) -> SimilarTracks:
    """Without the track itself and other files of its recording."""
    found = await asyncio.to_thread(partial(similar_tracks, track_id, tracks, limit=limit, library=library))
    return SimilarTracks(items=[SimilarTrack(score=one.score, track=MatchedTrack.of(one.track)) for one in found])

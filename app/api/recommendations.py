"""Recommending over HTTP: a video in a form comes in, ranked tracks go out; later questions need no video."""

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from app.access import Caller
from app.api.callers import CallerDep
from app.api.dependencies import LibraryDep, MaxUploadBytes, PoolDep, RecommendationsLast, StageBoardDep
from app.api.documentation import (
    form,
    of_a_parameter,
    of_a_query_that_takes_nothing,
    of_a_recommendation,
    of_a_recommendation_id,
    of_a_video,
    of_an_upload,
    of_the_encoder,
    of_writing,
    problems,
    several_words,
)
from app.api.form_parts import FormShape
from app.api.form_values import Texts, text, truth, whole, words
from app.api.query_filters import (
    FILTER_FIELDS,
    REPEATABLE_FILTERS,
    SHAPING_FIELDS,
    FiltersDep,
    ShapingDep,
    filters_of,
    parameters,
    shaping_of,
    takes_only,
)
from app.api.recommendation_schemas import RankedPage, Recommended
from app.api.request_ids import request_id_of
from app.api.uploads import received
from app.filters import MOST_CANDIDATES
from app.recommendation.forget import forget
from app.recommendation.new_recommendation import Asked, VideoFile, recommend
from app.recommendation.ranking_pages import PageWanted, ranking_page
from app.recommendation.track_details import checked_brief

MOST_RESULTS = 100
USUAL_RESULTS = 10
FIELDS: dict[str, dict[str, Any]] = {
    "title": {"type": "string", "maxLength": 500, "example": "racing through the city"},
    "keywords": several_words(["fast", "neon"]),
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_RESULTS, "default": USUAL_RESULTS},
    "keep": {"type": "boolean", "default": False, "description": "keep the video for rendering until it all expires"},
    **FILTER_FIELDS,
    **SHAPING_FIELDS,
}
SHAPE = FormShape("video", fields=frozenset(FIELDS), repeatable=REPEATABLE_FILTERS | {"keywords"})
PAGE_PARAMETERS = takes_only({"limit", "offset", *FILTER_FIELDS, *SHAPING_FIELDS})

router = APIRouter(tags=["recommend"])


@router.post(
    "/recommend",
    summary="The music that fits a video best",
    response_model=Recommended,
    responses=problems(of_an_upload("video"), of_a_video()),
    dependencies=[Depends(takes_only(()))],
    openapi_extra=form("video", "the video, at most as large as the server allows", FIELDS),
)
async def create_recommendation(
    request: Request,
    library: LibraryDep,
    pool: PoolDep,
    caller: CallerDep,
    board: StageBoardDep,
    lasts: RecommendationsLast,
    max_upload_bytes: MaxUploadBytes,
) -> Recommended:
    """The video is deleted as soon as it is encoded, unless it is to be kept."""
    with board.telling(request_id_of(request.scope)) as tell, pool.admit(caller.key_id):
        tell("receive")
        temporary = library.blobs.new_upload()
        async with received(request, SHAPE, temporary=temporary, limit_bytes=max_upload_bytes) as upload:
            tell("wait")
            video, asked = VideoFile(upload.path, upload.sha256), _asked(upload.texts, caller)
            page = await recommend(video, asked, lasts=lasts, library=library, encoder=pool, tell=tell)
    return Recommended.of_upload(page, encoder=library.spec.name, receive_ms=upload.receive_ms)


@router.get(
    "/recommend/{recommendation_id}",
    summary="The same video with other filters, or the next page",
    response_model=RankedPage,
    responses=problems(of_a_recommendation(), of_the_encoder(), of_a_parameter("offset", "is above 999"), of_writing()),
    dependencies=[Depends(PAGE_PARAMETERS)],
    openapi_extra=parameters(FILTER_FIELDS, SHAPING_FIELDS),
)
async def read_recommendation(
    recommendation_id: str,
    library: LibraryDep,
    pool: PoolDep,
    caller: CallerDep,
    tracks: FiltersDep,
    shaping: ShapingDep,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS)] = USUAL_RESULTS,
    offset: Annotated[int, Query(ge=0, lt=MOST_CANDIDATES, description="how many better tracks to pass over")] = 0,
) -> RankedPage:
    """Drawn once for each set of filters; the pages of one are cut from the same ranking until it expires."""
    wanted = PageWanted(tracks=tracks, shaping=shaping, limit=limit, offset=offset)
    answer = partial(ranking_page, recommendation_id, wanted, caller=caller, library=library, encoder=pool)
    return RankedPage.of(await asyncio.to_thread(answer), encoder=library.spec.name)


@router.delete(
    "/recommend/{recommendation_id}",
    summary="Forget a recommendation and its video",
    status_code=204,
    responses=problems(of_a_recommendation_id(), of_a_query_that_takes_nothing(), of_writing()),
    dependencies=[Depends(takes_only(()))],
)
async def remove_recommendation(recommendation_id: str, library: LibraryDep, caller: CallerDep) -> None:
    await asyncio.to_thread(forget, recommendation_id, caller=caller, library=library)


def _asked(texts: Texts, caller: Caller) -> Asked:
    limit = whole(texts, "limit", default=USUAL_RESULTS, lowest=1, highest=MOST_RESULTS)
    return Asked(
        brief=checked_brief(text(texts, "title"), words(texts, "keywords")),
        page=PageWanted(tracks=filters_of(texts), shaping=shaping_of(texts), limit=limit),
        keeps_video=truth(texts, "keep") or False,
        caller=caller,
    )

"""What was done with a recommended track, over HTTP."""

import asyncio
from functools import partial

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from app.api.callers import CallerDep
from app.api.dependencies import LibraryDep
from app.api.documentation import (
    of_a_body,
    of_a_parameter,
    of_a_recommendation_id,
    of_a_track_id,
    of_expiry,
    of_writing,
    problems,
)
from app.api.query_filters import takes_only
from app.recommendation.feedback import FeedbackEvent, give_feedback


class Feedback(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "recommendation_id": "01JD3W7E5V2S9B8F4H6K0M1N3P",
                "track_id": "01JC7Y3T0GQ4M1Z8W5R2N6K9VX",
                "event": "chosen",
            }
        },
    )

    recommendation_id: str
    track_id: str
    event: FeedbackEvent


router = APIRouter(tags=["recommend"])


@router.post(
    "/feedback",
    summary="Tell what was played, chosen or rejected",
    status_code=204,
    responses=problems(
        of_a_recommendation_id(),
        of_expiry(),
        of_a_track_id(),
        of_a_body(),
        of_a_parameter("event", "must be 'played', 'chosen' or 'rejected'"),
        of_writing(),
    ),
    dependencies=[Depends(takes_only(()))],
)
async def create_feedback(given: Feedback, library: LibraryDep, caller: CallerDep) -> None:
    """Kept for training, with the video's features and words; the video itself is not."""
    ids = given.recommendation_id, given.track_id
    await asyncio.to_thread(partial(give_feedback, *ids, given.event, caller=caller, library=library))

"""The stages of a recommendation in the making, as server-sent events."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from app.api.dependencies import StageBoardDep, StoppingDep
from app.api.documentation import of_a_parameter, of_any_path, problems
from app.api.query_filters import takes_only
from app.api.request_ids import SANE
from app.api.server_sent_events import EVENT_STREAM, ServerSentEvent, event_stream
from app.recommendation.stages import StageBoard

RequestId = Annotated[
    str, Path(pattern=f"^{SANE.pattern}$", description="the X-Request-ID that POST /recommend will carry")
]


class Stage(BaseModel):
    stage: str = Field(description="receive, wait, decode, encode, search; at last done or failed")


router = APIRouter(tags=["recommend"])


@router.get(
    "/stages/{request_id}",
    summary="What becomes of a POST /recommend, as it happens",
    response_class=StreamingResponse,
    responses={200: EVENT_STREAM, **problems(of_any_path(), of_a_parameter("request_id", "holds other characters"))},
    dependencies=[Depends(takes_only(()))],
)
async def read_stages(request_id: RequestId, board: StageBoardDep, stopping: StoppingDep) -> StreamingResponse:
    """To be opened before the video is sent; ends with it, or after ten minutes."""
    return event_stream(_events(board, request_id), stopping=stopping)


async def _events(board: StageBoard, request_id: str) -> AsyncGenerator[ServerSentEvent]:
    async with aclosing(board.listen(request_id)) as stages:
        async for stage in stages:
            yield ServerSentEvent("stage", Stage(stage=stage))

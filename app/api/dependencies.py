"""What endpoints ask for by type; the only place that knows under which names the lifespan keeps things."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, Request

from app.recommendation.doorkeeper import Doorkeeper
from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.job_runner import JobRunner
from app.recommendation.library import Library
from app.recommendation.previews import Previews
from app.recommendation.render_video import Workshop
from app.recommendation.serving import EncoderPool, Served, Serving
from app.recommendation.stages import StageBoard


async def get_served(request: Request) -> AsyncIterator[Served]:
    """What is served at this moment: the same for everything that one request asks for, until it is answered."""
    with cast(Serving, request.state.serving).held() as served:
        yield served


ServedDep = Annotated[Served, Depends(get_served)]


async def get_library(served: ServedDep) -> Library:
    return served.library


async def get_pool(served: ServedDep) -> EncoderPool:
    return served.pool


async def get_follower(served: ServedDep) -> ChangeFollower:
    return served.follower


async def get_doorkeeper(request: Request) -> Doorkeeper:
    return cast(Doorkeeper, request.state.door)


async def get_jobs(request: Request) -> JobRunner:
    return cast(JobRunner, request.state.jobs)


async def get_studio(request: Request) -> Workshop:
    return cast(Workshop, request.state.studio)


async def get_previews(request: Request) -> Previews:
    return cast(Previews, request.state.previews)


async def get_stages(request: Request) -> StageBoard:
    return cast(StageBoard, request.state.stages)


async def get_recommendations_last(request: Request) -> timedelta:
    """How long a recommendation can be asked about."""
    return cast(timedelta, request.state.recommendations_last)


async def get_import_dir(request: Request) -> Path | None:
    return cast(Path | None, request.state.import_dir)


async def get_max_upload_bytes(request: Request) -> int:
    return cast(int, request.state.max_upload_bytes)


async def get_stopping(request: Request) -> asyncio.Event:
    """Set once the server is to stop; whatever answers for long ends then."""
    return cast(asyncio.Event, request.state.stopping)


LibraryDep = Annotated[Library, Depends(get_library)]
PoolDep = Annotated[EncoderPool, Depends(get_pool)]
FollowerDep = Annotated[ChangeFollower, Depends(get_follower)]
DoorkeeperDep = Annotated[Doorkeeper, Depends(get_doorkeeper)]
JobsDep = Annotated[JobRunner, Depends(get_jobs)]
StudioDep = Annotated[Workshop, Depends(get_studio)]
PreviewsDep = Annotated[Previews, Depends(get_previews)]
StageBoardDep = Annotated[StageBoard, Depends(get_stages)]
RecommendationsLast = Annotated[timedelta, Depends(get_recommendations_last)]
ImportDirDep = Annotated[Path | None, Depends(get_import_dir)]
MaxUploadBytes = Annotated[int, Depends(get_max_upload_bytes)]
StoppingDep = Annotated[asyncio.Event, Depends(get_stopping)]

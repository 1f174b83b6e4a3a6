"""What endpoints ask for by type; the only place that knows under which names the lifespan keeps things."""

from contextlib import AbstractContextManager
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from app.recommendation.follow_changes import ChangeFollower
from app.recommendation.library import Library, TrackEncoder, VideoEncoder
from app.recommendation.readiness import Workers


class EncoderPool(VideoEncoder, TrackEncoder, Workers, Protocol):
    """In production the inference pool."""

    def admit(self) -> AbstractContextManager[None]:
        """A place among the requests being worked on, held until the block ends. Raises Overloaded at once."""


async def get_library(request: Request) -> Library:
    return cast(Library, request.state.library)


async def get_pool(request: Request) -> EncoderPool:
    return cast(EncoderPool, request.state.pool)


async def get_follower(request: Request) -> ChangeFollower:
    return cast(ChangeFollower, request.state.follower)


async def get_max_upload_bytes(request: Request) -> int:
    return cast(int, request.state.max_upload_bytes)


LibraryDep = Annotated[Library, Depends(get_library)]
PoolDep = Annotated[EncoderPool, Depends(get_pool)]
FollowerDep = Annotated[ChangeFollower, Depends(get_follower)]
MaxUploadBytes = Annotated[int, Depends(get_max_upload_bytes)]

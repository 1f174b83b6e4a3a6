"""Whether the process answers, and whether it can do its work now."""

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.dependencies import FollowerDep, LibraryDep, PoolDep
from app.api.documentation import OPEN_TO_ALL, problems
from app.errors import NotReady
from app.recommendation.readiness import missing


class Alive(BaseModel):
    status: str = "ok"


class Ready(BaseModel):
    status: str = "ready"
    library_size: int


router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process answers", responses=problems(), openapi_extra=OPEN_TO_ALL)
async def read_health() -> Alive:
    return Alive()


@router.get(
    "/readyz",
    summary="Workers, database and index are fit to serve",
    responses=problems([NotReady(missing=["worker device", "index: it is behind the catalogue"])]),
    openapi_extra=OPEN_TO_ALL,
)
async def read_readiness(library: LibraryDep, pool: PoolDep, follower: FollowerDep) -> Ready:
    """Checked when asked, not remembered."""
    lacks = await missing(library=library, workers=pool, follower=follower)
    if lacks:
        raise NotReady(missing=lacks)
    return Ready(library_size=len(library.upkeep.index))

"""A track's waveform over HTTP."""

from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.dependencies import LibraryDep, PoolDep
from app.api.documentation import of_a_parameter, of_a_stored_file, of_a_track_id, problems
from app.recommendation.waveform import Waveform, waveform

FEWEST_POINTS, MOST_POINTS, USUAL_POINTS = 50, 2000, 800

router = APIRouter(tags=["music"])


class WaveformBody(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"duration_s": 184.2, "peaks": [0.0, 0.41, 0.97, 0.12]}})

    duration_s: float
    peaks: list[float] = Field(description="greatest magnitude, 0 to 1, in each of `points` equal parts of the track")

    @classmethod
    def of(cls, found: Waveform) -> Self:
        return cls(duration_s=round(found.duration_s, 3), peaks=[round(float(peak), 4) for peak in found.peaks])


@router.get(
    "/music/{track_id}/waveform",
    summary="A track's waveform",
    responses=problems(
        of_a_track_id(), of_a_parameter("points", "must be a whole number from 50 to 2000"), of_a_stored_file()
    ),
)
async def read_waveform(
    track_id: str,
    library: LibraryDep,
    pool: PoolDep,
    points: Annotated[int, Query(ge=FEWEST_POINTS, le=MOST_POINTS)] = USUAL_POINTS,
) -> WaveformBody:
    return WaveformBody.of(await waveform(track_id, points=points, library=library, encoder=pool))

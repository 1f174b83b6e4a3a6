"""What a list of tracks may be narrowed by, in the body of an answer."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.filters import Facets, FacetValue

FACETS_EXAMPLE: JsonDict = {
    "total": 1840,
    "genre": [{"value": "synthwave", "count": 410}, {"value": "Folk", "count": 92}],
    "mood": [{"value": "calm", "count": 655}],
    "license": [{"value": "CC-BY-4.0", "count": 1204}],
    "artist": [{"value": "A. Composer", "count": 31}],
    "vocals": [{"value": True, "count": 380}, {"value": False, "count": 977}],
    "explicit": [{"value": False, "count": 1840}],
    "bpm": {"min": 58.1, "max": 184.6},
    "duration_s": {"min": 12.0, "max": 1204.9},
}


class TextCount(BaseModel):
    value: str = Field(description="as most of these tracks write it")
    count: int

    @classmethod
    def of(cls, found: FacetValue[str]) -> Self:
        return cls(value=found.value, count=found.count)


class TruthCount(BaseModel):
    value: bool
    count: int

    @classmethod
    def of(cls, found: FacetValue[bool]) -> Self:
        return cls(value=found.value, count=found.count)


class Range(BaseModel):
    min: float
    max: float

    @classmethod
    def of(cls, ends: tuple[float, float] | None) -> Self | None:
        return None if ends is None else cls(min=ends[0], max=ends[1])


class FacetsBody(BaseModel):
    """Most frequent first. A facet's own filter narrows neither its counts nor its range; all other filters do."""

    model_config = ConfigDict(json_schema_extra={"example": FACETS_EXAMPLE})

    total: int = Field(description="the tracks that match all filters")
    genre: list[TextCount]
    mood: list[TextCount]
    license: list[TextCount]
    artist: list[TextCount] = Field(description="at most 200")
    vocals: list[TruthCount]
    explicit: list[TruthCount]
    bpm: Range | None
    duration_s: Range | None

    @classmethod
    def of(cls, found: Facets) -> Self:
        return cls(
            total=found.total,
            genre=[TextCount.of(value) for value in found.genre],
            mood=[TextCount.of(value) for value in found.mood],
            license=[TextCount.of(value) for value in found.license],
            artist=[TextCount.of(value) for value in found.artist],
            vocals=[TruthCount.of(value) for value in found.vocals],
            explicit=[TruthCount.of(value) for value in found.explicit],
            bpm=Range.of(found.bpm),
            duration_s=Range.of(found.duration_s),
        )

"""The body of a job, as the HTTP contract names its fields."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.jobs import Job, JobKind, JobState

JOB_EXAMPLE: JsonDict = {
    "id": "01JD4A8Q6M3X1T7Y9Z5C2V0B4N",
    "kind": "import",
    "state": "running",
    "done": 37,
    "total": 120,
    "errors": [{"item": "night/03.mp3", "code": "silent_audio", "detail": "the audio is silent from beginning to end"}],
    "attempts": 1,
    "created_at": "2026-02-03T04:05:06Z",
    "started_at": "2026-02-03T04:05:07Z",
    "finished_at": None,
    "recommendation_id": None,
    "result": None,
}


class JobErrorBody(BaseModel):
    item: str = Field(description="which file or track; empty where the whole job failed")
    code: str
    detail: str


class JobBody(BaseModel):
    """Long work that was asked for."""

    model_config = ConfigDict(json_schema_extra={"example": JOB_EXAMPLE})

    id: str
    kind: JobKind
    state: JobState
    done: int = Field(description="items dealt with, well or not")
    total: int = Field(description="items in all; 0 as long as nobody has counted")
    errors: list[JobErrorBody] = Field(description="the first thousand; the last then says how many more there were")
    attempts: int = Field(description="how often a server began it; it is begun again where one was lost")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    recommendation_id: str | None = Field(description="whose video is made; null for what is no render")
    result: dict[str, Any] | None = Field(description="what came of it, by kind; null until it has ended")

    @classmethod
    def of(cls, job: Job) -> Self:
        asked = {"recommendation_id": job.request.get("recommendation_id")}
        errors = [{"item": error.item, "code": error.code, "detail": error.detail} for error in job.errors]
        own = {name: getattr(job, name) for name in cls.model_fields if name not in {*asked, "errors"}}
        return cls.model_validate({**own, **asked, "errors": errors})


class JobList(BaseModel):
    items: list[JobBody] = Field(description="newest first")

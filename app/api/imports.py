"""Importing a folder of the server's own over HTTP; the work itself is a job."""

import asyncio

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.callers import CallerDep, needs
from app.api.dependencies import ImportDirDep, JobsDep
from app.api.documentation import of_a_body, of_a_parameter, of_a_scope, of_any_path, of_writing, problems
from app.api.job_schemas import JobBody
from app.recommendation.import_source import import_source
from app.request_errors import FolderNotAllowed


class ImportRequest(BaseModel):
    """Both are relative to the server's import folder (`BGM_IMPORT_DIR`), or absolute and below it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"folder": "new music", "csv": None}})

    folder: str = Field(max_length=4000, description="with all folders below it")
    csv: str | None = Field(
        default=None, max_length=4000, description="list of what is said of its files; column `file` first"
    )


router = APIRouter(tags=["music"])


@router.post(
    "/music/import",
    summary="Import a folder of the server",
    status_code=202,
    dependencies=[Depends(needs("manage"))],
    responses=problems(
        of_any_path(),
        of_a_scope("manage"),
        [FolderNotAllowed(reason="the folder lies outside the server's import folder")],
        of_a_parameter("music.csv line 3", "names no file"),
        of_a_body(),
        of_writing(),
    ),
)
async def create_import(
    asked: ImportRequest, response: Response, jobs: JobsDep, caller: CallerDep, import_dir: ImportDirDep
) -> JobBody:
    """Files that are in the library already are passed over, so an import may be asked for again and again."""
    await asyncio.to_thread(import_source, asked.folder, asked.csv, import_dir=import_dir)
    job = await asyncio.to_thread(jobs.submit, "import", asked.model_dump(), caller.key_id)
    response.headers["Location"] = f"/jobs/{job.id}"
    return JobBody.of(job)

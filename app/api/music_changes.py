"""Changing the library's tracks over HTTP: edit, delete, restore."""

import asyncio
from functools import partial

from fastapi import APIRouter, Depends

from app.api.callers import needs
from app.api.dependencies import LibraryDep, PoolDep
from app.api.documentation import (
    of_a_body,
    of_a_parameter,
    of_a_query_that_takes_nothing,
    of_a_scope,
    of_a_stored_file,
    of_a_track_id,
    of_an_unknown_track_id,
    of_writing,
    problems,
)
from app.api.query_filters import takes_only
from app.api.track_changes import TrackChange
from app.api.track_schemas import StoredTrack
from app.recommendation.deleted_tracks import delete_track, restore_track
from app.recommendation.edit_track import edit_track

router = APIRouter(tags=["music"], dependencies=[Depends(needs("manage")), Depends(takes_only(()))])


@router.patch(
    "/music/{track_id}",
    summary="Change what is said of a track",
    responses=problems(
        of_a_track_id(),
        of_a_scope("manage"),
        of_a_body(),
        of_a_parameter("bpm", "must be between 20 and 400"),
        of_writing(),
    ),
)
async def change_track(track_id: str, change: TrackChange, library: LibraryDep) -> StoredTrack:
    changed = partial(edit_track, track_id, change.changed(), library=library)
    return StoredTrack.of(await asyncio.to_thread(changed))


@router.delete(
    "/music/{track_id}",
    summary="Delete a track",
    status_code=204,
    responses=problems(of_a_track_id(), of_a_scope("manage"), of_a_query_that_takes_nothing(), of_writing()),
)
async def remove_track(track_id: str, library: LibraryDep) -> None:
    """It can be restored within 24 hours; after that it is gone for good, with its file."""
    await asyncio.to_thread(delete_track, track_id, library=library)


@router.post(
    "/music/{track_id}/restore",
    summary="Take a deleted track back",
    responses=problems(
        of_an_unknown_track_id(), of_a_scope("manage"), of_a_query_that_takes_nothing(), of_a_stored_file()
    ),
)
async def take_back_track(track_id: str, library: LibraryDep, pool: PoolDep) -> StoredTrack:
    """A track that was not deleted is answered as it is."""
    with pool.admit():
        return StoredTrack.of(await restore_track(track_id, library=library, encoder=pool))

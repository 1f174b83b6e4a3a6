import pytest

from app import errors, request_errors
from app.api.problems import DEFECT_DETAIL, STATUS, problem, problem_body, status_of
from app.errors import (
    BgmError,
    CatalogueError,
    CheckpointMismatch,
    DiskFull,
    Overloaded,
    RangeNotSatisfiable,
    TrackNotFound,
    UnsupportedMedia,
    WorkerDefect,
)


def kinds_below(kind: type[BgmError]) -> list[type[BgmError]]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in kinds_below(child))]


OURS = {errors.__name__, request_errors.__name__}
LEAVES = [kind for kind in kinds_below(BgmError) if not kind.__subclasses__() and kind.__module__ in OURS]


@pytest.mark.parametrize("kind", LEAVES)
def test_every_leaf_of_the_error_tree_has_a_status(kind: type[BgmError]) -> None:
    assert kind in STATUS


def test_no_status_is_given_to_what_is_no_error_of_ours() -> None:
    assert set(STATUS) <= set(LEAVES)


def test_a_kind_that_nobody_listed_is_a_defect() -> None:
    class Unlisted(BgmError):
        pass

    assert status_of(Unlisted()) == 500


def test_a_body_has_the_members_of_the_contract_and_the_facts_of_the_case() -> None:
    error = UnsupportedMedia(kind="container", found="gif", accepted=["mp4", "mkv"])
    assert problem_body(error, "r1") == {
        "type": "urn:score-a-video:problem:unsupported_media",
        "title": "Unsupported media",
        "status": 415,
        "detail": "container 'gif' is not accepted; accepted: mp4, mkv",
        "code": "unsupported_media",
        "request_id": "r1",
        "kind": "container",
        "found": "gif",
        "accepted": ["mp4", "mkv"],
    }


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (WorkerDefect(worker="device", trace="File secret/path.py"), 500, "internal_error"),
        (CatalogueError(reason="secret/path.sqlite3 is no database"), 503, "not_ready"),
        (CheckpointMismatch(active="sha256:secret", offered="b"), 503, "not_ready"),
    ],
)
def test_nothing_of_the_inside_is_told(error: BgmError, status: int, code: str) -> None:
    body = problem_body(error, "r1")
    assert (body["status"], body["code"]) == (status, code)
    assert "secret" not in str(body)


def test_a_defect_sends_the_reader_to_the_log() -> None:
    assert problem_body(WorkerDefect(worker="device", trace=""), "r1")["detail"] == DEFECT_DETAIL


@pytest.mark.parametrize("error", [Overloaded(limit=4), CatalogueError(reason="")])
def test_what_passes_says_when_to_come_back(error: BgmError) -> None:
    assert problem(error, "r1").headers["retry-after"] == "5"


@pytest.mark.parametrize("error", [TrackNotFound(track_id="x"), DiskFull()])
def test_what_does_not_pass_by_waiting_does_not_say_so(error: BgmError) -> None:
    assert "retry-after" not in problem(error, "r1").headers


def test_a_range_that_cannot_be_served_says_how_long_the_file_is() -> None:
    assert problem(RangeNotSatisfiable(size_bytes=9), "r1").headers["content-range"] == "bytes */9"


def test_a_problem_has_its_own_media_type() -> None:
    assert problem(DiskFull(), "r1").headers["content-type"] == "application/problem+json"

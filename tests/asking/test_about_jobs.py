import pytest

from app.asking import about_jobs, flow
from app.asking.errors import ApiError, JobFailed, JobTookTooLong
from app.asking.results import Job
from app.client import Client
from tests.asking.answers_made_up import JOB, RENDERED
from tests.scripted_server import BROKEN, ScriptedServer, refusing, saying

RUNNING = JOB | {"state": "running", "total": 4}


def test_waiting_ends_with_the_job_and_tells_each_change(client: Client, server: ScriptedServer) -> None:
    halfway = RUNNING | {"done": 2}
    server.script = [saying(JOB), saying(RUNNING), saying(halfway), saying(halfway), saying(RENDERED)]
    told: list[Job] = []

    done = client.wait("01JF", on_progress=told.append)

    assert done.state == "done"
    assert [(job.state, job.done) for job in told] == [("queued", 0), ("running", 0), ("running", 2), ("done", 1)]
    assert {seen.target for seen in server.seen} == {"/jobs/01JF"}


def test_waiting_outlasts_a_server_that_is_away_for_a_moment(client: Client, server: ScriptedServer) -> None:
    server.script = [saying(RUNNING), BROKEN, refusing(503, "not_ready"), saying(RENDERED)]

    assert client.wait(client.job("01JF")).state == "done"


def test_waiting_outlasts_a_restart_longer_than_other_requests_do(
    client: Client, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "PATIENT_PAUSE_S", 0.01)
    server.script = [saying(RUNNING), *[refusing(503, "not_ready")] * 9, *[BROKEN] * 3, saying(RENDERED)]

    assert client.wait("01JF").state == "done"


def test_waiting_for_a_server_has_an_end(
    client: Client, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "PATIENT_PAUSE_S", 0.01)
    monkeypatch.setattr(about_jobs, "OUTLASTED_S", 0.05)
    server.script = [refusing(503, "not_ready")]

    with pytest.raises(ApiError):
        client.wait("01JF")

    assert 5 < len(server.seen) < 20


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_job_that_ends_otherwise_is_an_error_that_says_why(
    client: Client, server: ScriptedServer, state: str
) -> None:
    errors = [
        {"item": "a.mp3", "code": "silent_audio", "detail": "it is silent"},
        {"item": "", "code": "disk_full", "detail": "the disk is full"},
    ]
    server.script = [saying(RUNNING | {"state": state, "errors": errors})]

    with pytest.raises(JobFailed, match="the disk is full") as failed:
        client.wait("01JF")

    assert (failed.value.job_id, failed.value.state) == ("01JF", state)


def test_patience_has_an_end_where_one_is_set(client: Client, server: ScriptedServer) -> None:
    server.script = [saying(RUNNING)]

    with pytest.raises(JobTookTooLong):
        client.wait("01JF", timeout_s=0.05)


def test_a_render_says_whose_video_it_makes_where_the_server_does(client: Client, server: ScriptedServer) -> None:
    server.script = [saying({"items": [JOB, RENDERED]})]

    assert [job.recommendation_id for job in client.jobs()] == [None, "01JD"]


def test_jobs_are_listed_and_cancelled(client: Client, server: ScriptedServer) -> None:
    server.script = [saying({"items": [RUNNING, RENDERED]}), saying(RUNNING)]

    assert [job.state for job in client.jobs(limit=2)] == ["running", "done"]
    client.cancel("01JF")

    assert [(seen.method, seen.target) for seen in server.seen] == [("GET", "/jobs?limit=2"), ("DELETE", "/jobs/01JF")]

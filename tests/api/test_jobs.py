import time
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from app.catalogue.jobs import JobStore
from app.jobs import Job, JobKind
from app.recommendation.library import Library
from tests.api.event_streams import listening
from tests.api.keys_at_hand import bearer, key_store, new_key
from tests.api.running import Service, running_service
from tests.fake_pool import FakePool
from tests.recommendation.job_works import Patient, Scripted


class Works:
    """An import that waits, and renders that are done at once."""

    def __init__(self) -> None:
        self.imports = Patient(kind="import")
        self.renders = Scripted(lambda _job, _progress: {"url": "/made"}, kind="render")


@pytest.fixture
def works() -> Works:
    return Works()


@pytest.fixture
def service(library: Library, works: Works) -> Iterator[Service]:
    with FakePool() as pool, running_service(library, pool, works=[works.imports, works.renders]) as service:
        yield service
        works.imports.go.set()


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def submit(service: Service, kind: JobKind, request: dict[str, object], owner: str | None) -> Job:
    """As an endpoint of its kind does."""
    return JobStore(service.library.catalogue.transactions).create(kind, request, owner)


def state_in_the_end(service: Service, job_id: str, **headers: str) -> str:
    while True:
        job = service.client.get(f"/jobs/{job_id}", headers=headers).json()
        if job["finished_at"] is not None:
            return str(job["state"])
        time.sleep(0.01)


def test_a_job_is_shown_as_the_contract_says(service: Service) -> None:
    job_id = submit(service, "render", {"secret": "of the inside", "recommendation_id": "01JD"}, None).id
    assert state_in_the_end(service, job_id) == "done"
    job = service.client.get(f"/jobs/{job_id}").json()
    moments = [job.pop(name) for name in ("created_at", "started_at", "finished_at")]
    assert sorted(moments) == moments
    assert all(datetime.fromisoformat(moment).tzinfo is not None for moment in moments)
    assert job == {
        "id": job_id,
        "kind": "render",
        "state": "done",
        "done": 0,
        "total": 0,
        "errors": [],
        "attempts": 1,
        "recommendation_id": "01JD",
        "result": {"url": "/made"},
    }


def test_a_job_that_is_no_render_is_of_no_recommendation(service: Service, works: Works) -> None:
    works.imports.go.set()
    job_id = submit(service, "import", {"folder": "night"}, None).id
    assert service.client.get(f"/jobs/{job_id}").json()["recommendation_id"] is None


def test_jobs_are_listed_newest_first(service: Service) -> None:
    made = [submit(service, "render", {}, None).id for _ in range(3)]
    items = service.client.get("/jobs").json()["items"]
    assert [job["id"] for job in items] == made[::-1]
    assert [job["id"] for job in service.client.get("/jobs", params={"limit": 1}).json()["items"]] == [made[2]]
    assert code_of(service.client.get("/jobs", params={"limit": 101})) == (422, "invalid_parameter")


def test_a_job_that_is_none_is_not_found(service: Service) -> None:
    assert code_of(service.client.get("/jobs/nothing")) == (404, "job_not_found")
    assert code_of(service.client.delete("/jobs/nothing")) == (404, "job_not_found")
    assert code_of(service.client.get("/jobs/nothing/events")) == (404, "job_not_found")


def test_a_running_job_is_cancelled(service: Service, works: Works) -> None:
    job_id = submit(service, "import", {}, None).id
    assert works.imports.begun.wait(10)
    answer = service.client.delete(f"/jobs/{job_id}")
    assert (answer.status_code, answer.json()["id"]) == (200, job_id)
    assert state_in_the_end(service, job_id) == "cancelled"
    assert code_of(service.client.delete(f"/jobs/{job_id}")) == (409, "job_not_cancellable")


def test_a_queued_job_is_cancelled_at_once(service: Service, works: Works) -> None:
    submit(service, "import", {}, None)
    assert works.imports.begun.wait(10)
    queued = submit(service, "import", {}, None).id
    assert service.client.delete(f"/jobs/{queued}").json()["state"] == "cancelled"


def test_a_job_is_told_from_its_beginning_to_its_end(service: Service, works: Works) -> None:
    job_id = submit(service, "import", {}, None).id
    with listening(service.client, f"/jobs/{job_id}/events") as events:
        first = next(events)
        assert (first.name, first.data["id"]) == ("job", job_id)
        assert works.imports.begun.wait(10)
        works.imports.go.set()
        states = [first.data["state"], *(event.data["state"] for event in events)]
    assert states[-1] == "done"
    assert set(states) <= {"queued", "running", "done"}
    assert len(states) == len(set(states))


def test_a_job_that_has_ended_is_told_once(service: Service) -> None:
    job_id = submit(service, "render", {}, None).id
    state_in_the_end(service, job_id)
    with listening(service.client, f"/jobs/{job_id}/events") as events:
        assert [event.data["state"] for event in events] == ["done"]


def test_a_server_that_stops_does_not_wait_for_those_who_listen(library: Library, works: Works) -> None:
    with FakePool() as pool:
        with running_service(library, pool, works=[works.imports]) as service:
            job_id = submit(service, "import", {}, None).id
            assert works.imports.begun.wait(10)
            client = httpx.Client(base_url=service.client.base_url)
            answer = client.send(client.build_request("GET", f"/jobs/{job_id}/events"), stream=True)
            lines = answer.iter_lines()
            assert next(lines) == "event: job"
        rest = list(lines)
        client.close()
    assert works.imports.stopped.is_set()
    assert not any(line.startswith("event") for line in rest[2:])


def test_everybody_sees_their_own_jobs_and_who_may_do_everything_sees_all(library: Library, works: Works) -> None:
    one = new_key(library, "one", scope="recommend")
    other = new_key(library, "other", scope="manage")
    admin = new_key(library, "admin", scope="admin")
    owner = next(key.id for key in key_store(library).all() if key.name == "one")
    with FakePool() as pool, running_service(library, pool, works=[works.renders]) as service:
        mine = submit(service, "render", {}, owner).id
        nobodys = submit(service, "render", {}, None).id
        assert (listed(service, one), listed(service, other)) == ([mine], [])
        assert listed(service, admin) == [nobodys, mine]
        assert service.client.get(f"/jobs/{mine}", headers=bearer(one)).status_code == 200
        for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/events")):
            answer = service.client.request(method, f"/jobs/{mine}{path}", headers=bearer(other))
            assert code_of(answer) == (404, "job_not_found")
        assert service.client.get(f"/jobs/{mine}", headers=bearer(admin)).status_code == 200
        assert code_of(service.client.get(f"/jobs/{nobodys}", headers=bearer(one))) == (404, "job_not_found")


def listed(service: Service, key: str) -> list[str]:
    return [job["id"] for job in service.client.get("/jobs", headers=bearer(key)).json()["items"]]

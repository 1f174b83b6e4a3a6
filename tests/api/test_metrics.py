import asyncio
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Message, Receive, Scope, Send

from app.api.metrics import Measured, Metrics
from app.catalogue.request_tables import jobs
from app.recommendation.library import Library
from tests.api.running import Service

Sample = tuple[str, frozenset[tuple[str, str]]]


def measured(service: Service) -> dict[Sample, float]:
    answer = service.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    samples = [found for family in families for found in family.samples]
    return {(found.name, frozenset(found.labels.items())): found.value for found in samples}


def sample(name: str, **labels: str) -> Sample:
    return name, frozenset(labels.items())


def test_answers_are_counted_by_the_documented_path(service: Service) -> None:
    for name in ("a", "b"):
        service.client.get(f"/music/{name}")
    service.client.get("/healthz")
    found = measured(service)
    assert found[sample("bgm_requests_total", method="GET", path="/music/{track_id}", status="404")] == 2
    assert found[sample("bgm_requests_total", method="GET", path="/healthz", status="200")] == 1
    assert found[sample("bgm_request_seconds_count", path="/music/{track_id}")] == 2
    assert found[sample("bgm_request_seconds_bucket", path="/music/{track_id}", le="60.0")] == 2


def test_made_up_paths_and_methods_make_no_new_series(service: Service) -> None:
    for number in range(5):
        service.client.get(f"/nowhere/{number}")
        service.client.get(f"/web/{number}.js")
    for method in ("PROPFIND", "MKCOL"):
        service.client.request(method, "/music")
    paths = {dict(labels).get("path") for _, labels in measured(service)} - {None}
    methods = {dict(labels).get("method") for _, labels in measured(service)} - {None}
    assert paths <= {"unmatched", "/music", "/metrics", "/web/{path:path}"}
    assert methods == {"GET", "other"}
    assert measured(service)[sample("bgm_requests_total", method="GET", path="unmatched", status="404")] == 5


def test_a_refusal_at_the_door_is_counted_by_the_path_that_was_asked(service: Service) -> None:
    for path in ("/music", "/music/import"):
        service.client.post(path, headers={"Origin": "https://example.org"})
        assert measured(service)[sample("bgm_requests_total", method="POST", path=path, status="403")] == 1


def test_uploads_are_counted_in_bytes(service: Service) -> None:
    service.client.post("/music", files={"file": b"x" * 100_000})
    assert 100_000 < measured(service)[sample("bgm_uploads_bytes_total")] < 101_000
    service.client.post("/session", json={"key": "x" * 900})
    assert measured(service)[sample("bgm_uploads_bytes_total")] < 101_000


def test_the_library_and_the_workers_are_as_they_are_when_asked(service: Service, library: Library) -> None:
    assert measured(service)[sample("bgm_library_tracks")] == 0
    service.client.post("/music", files={"file": b"sound"})
    service.pool.lacks = ["device"]
    found = measured(service)
    assert found[sample("bgm_library_tracks")] == 1
    assert found[sample("bgm_index_last_change")] == library.upkeep.index.last_change > 0
    assert found[sample("bgm_workers_ready", kind="device")] == 0
    assert found[sample("bgm_workers_ready", kind="decoder")] == 1
    assert found[sample("bgm_in_flight")] == 1


def test_jobs_are_counted_by_state_and_a_state_without_any_is_nought(service: Service, library: Library) -> None:
    row = {
        "id": "01JD3W7E5V2S9B8F4H6K0M1N3P",
        "kind": "import",
        "state": "failed",
        "request": {},
        "done": 0,
        "total": 0,
        "attempts": 0,
        "is_cancel_wanted": False,
        "created_at": datetime.now(UTC),
    }
    with library.catalogue.transactions.writing() as connection:
        connection.execute(jobs.insert(), row)
    assert measured(service)[sample("bgm_jobs", state="failed")] == 1
    with library.catalogue.transactions.writing() as connection:
        connection.execute(jobs.update().values(state="done"))
    found = measured(service)
    assert (found[sample("bgm_jobs", state="failed")], found[sample("bgm_jobs", state="done")]) == (0, 1)


def test_two_servers_in_one_process_share_nothing(service: Service, shared_service: Service) -> None:
    before = measured(shared_service).get(sample("bgm_requests_total", method="GET", path="/healthz", status="200"), 0)
    service.client.get("/healthz")
    after = measured(shared_service).get(sample("bgm_requests_total", method="GET", path="/healthz", status="200"), 0)
    assert after == before


def test_a_request_that_ends_without_an_answer_is_in_flight_no_more() -> None:
    metrics = Metrics()

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    async def receive() -> Message:
        raise AssertionError

    async def send(_: Message) -> None:
        raise AssertionError

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    with pytest.raises(ZeroDivisionError):
        asyncio.run(Measured(failing, metrics=metrics, routes=[])(scope, receive, send))
    assert metrics.registry.get_sample_value("bgm_in_flight") == 0

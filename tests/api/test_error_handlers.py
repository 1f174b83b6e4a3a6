import asyncio
import json
import logging

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.api.error_handlers import UnexpectedErrors
from tests.api.running import Service


def post(service: Service, content: bytes) -> dict[str, object]:
    answer = service.client.post("/recommend", files={"video": ("clip.mp4", content)})
    assert answer.headers["content-type"] == "application/problem+json"
    return dict(answer.json()) | {"http_status": answer.status_code, "header_id": answer.headers["x-request-id"]}


def test_a_path_that_is_not_there_is_a_problem(shared_service: Service) -> None:
    answer = shared_service.client.get("/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/recommend", "POST"),
        ("/music", "GET, POST"),
        ("/music/x", "DELETE, GET, PATCH"),
        ("/music/x/audio", "GET, HEAD"),
        ("/openapi.json", "HEAD, GET"),
    ],
)
def test_a_method_that_a_path_does_not_take_is_a_problem_that_says_which_it_takes(
    shared_service: Service, path: str, methods: str
) -> None:
    answer = shared_service.client.put(path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == set(methods.split(", "))


@pytest.mark.parametrize("error", ["ZeroDivisionError", "WorkerDefect"])
def test_a_defect_is_logged_with_the_request_id_and_tells_the_caller_nothing(
    shared_service: Service, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        body = post(shared_service, f"raise {error}\n".encode())
    assert (body["http_status"], body["code"]) == (500, "internal_error")
    assert "secret" not in str(body)
    logged = [record for record in caplog.records if str(body["request_id"]) in record.getMessage()]
    assert logged
    assert body["header_id"] == body["request_id"]
    assert "secret/path.py" in caplog.text


def test_a_refused_file_is_no_news_for_the_log(shared_service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        post(shared_service, b"raise NoVideoStream\n")
    assert caplog.records == []


def test_a_request_that_is_cut_off_because_the_server_stops_is_told_to_come_again() -> None:
    sent: list[Message] = []

    async def cut_off(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    async def keep(message: Message) -> None:
        sent.append(message)

    async def nothing() -> Message:
        raise AssertionError("nothing is to be received")

    asyncio.run(UnexpectedErrors(cut_off)({"type": "http", "state": {"request_id": "01X"}}, nothing, keep))
    headers = dict(sent[0]["headers"])
    assert sent[0]["status"] == 503
    assert headers[b"retry-after"]
    assert json.loads(sent[1]["body"])["code"] == "not_ready"

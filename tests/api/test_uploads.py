import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.api import uploads
from app.recommendation.library import Library
from tests.api.keys_at_hand import bearer, new_key
from tests.api.raw_http import CLOSING, OPENING, connection
from tests.api.running import MAX_UPLOAD_BYTES, Service, running_service
from tests.disk_limits import files_at_most
from tests.fake_pool import FakePool

# The server must not be about to read on for seconds what it has refused.
LARGE = MAX_UPLOAD_BYTES + uploads.FORM_ROOM_BYTES + 1


def left_uploads(service: Service) -> list[Path]:
    with service.library.blobs.new_upload() as mine:
        return [path for path in mine.parent.glob("upload-*") if path != mine]


def upload(service: Service, content: bytes = b"x") -> httpx.Response:
    return service.client.post("/recommend", files={"video": ("clip.mp4", content)})


@pytest.fixture
def busy_service(library: Library) -> Iterator[Service]:
    """A service with room for one request."""
    with FakePool(most_requests=1) as pool, running_service(library, pool) as service:
        yield service


def test_an_upload_that_says_it_is_too_large_is_refused_before_any_of_it_is_sent(shared_service: Service) -> None:
    with connection(shared_service.port) as raw:
        raw.begin(f"Content-Length: {LARGE}")
        answer = raw.answer()
        assert (answer.status, answer.body["code"]) == (413, "upload_too_large")
        assert answer.body["limit_bytes"] == MAX_UPLOAD_BYTES
        assert answer.headers["connection"] == "close"
        raw.socket.shutdown(socket.SHUT_WR)
        assert raw.is_closed_by_server()


def test_an_upload_that_turns_out_too_large_is_refused_while_it_is_sent(shared_service: Service) -> None:
    with connection(shared_service.port) as raw:
        raw.begin("Transfer-Encoding: chunked")
        raw.send_chunk(OPENING)
        for _ in range(MAX_UPLOAD_BYTES // 500_000 + 2):
            raw.send_chunk(b"x" * 500_000)
        answer = raw.answer()
        assert (answer.status, answer.body["code"]) == (413, "upload_too_large")
    assert left_uploads(shared_service) == []


def test_a_file_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(shared_service: Service) -> None:
    assert upload(shared_service, b"x" * MAX_UPLOAD_BYTES).status_code == 200
    assert upload(shared_service, b"x" * (MAX_UPLOAD_BYTES + 1)).status_code == 413


def test_a_client_that_sends_all_of_a_refused_upload_still_gets_to_read_why(shared_service: Service) -> None:
    answer = upload(shared_service, b"x" * (20 * MAX_UPLOAD_BYTES))
    assert answer.json()["code"] == "upload_too_large"
    assert upload(shared_service).status_code == 200


def test_a_client_that_asks_first_is_not_told_to_go_on_with_what_is_refused(shared_service: Service) -> None:
    with connection(shared_service.port) as raw:
        raw.begin(f"Content-Length: {LARGE}", "Expect: 100-continue")
        assert raw.socket.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 413"


def test_a_client_that_asks_first_is_told_to_go_on_with_what_is_welcome(shared_service: Service) -> None:
    body = OPENING + b"x" + CLOSING
    with connection(shared_service.port) as raw:
        raw.begin(f"Content-Length: {len(body)}", "Expect: 100-continue")
        assert raw.socket.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 100"
        raw.send(body)
        assert raw.answer().status == 200


def test_overload_is_said_before_the_body_is_sent(busy_service: Service) -> None:
    with busy_service.pool.admit(), connection(busy_service.port) as raw:
        raw.begin("Content-Length: 1000000")
        answer = raw.answer()
        assert (answer.status, answer.body["code"]) == (503, "overloaded")
        assert int(answer.headers["retry-after"]) > 0
        assert answer.body["limit"] == 1
    assert upload(busy_service).status_code == 200


def test_uploads_of_one_key_leave_room_for_those_of_another(library: Library) -> None:
    one, other = (bearer(new_key(library, name)) for name in ("one", "other"))
    with FakePool(most_requests=2) as pool, running_service(library, pool) as service, connection(service.port) as raw:
        raw.begin("Content-Length: 1000000", f"Authorization: {one['Authorization']}")
        raw.send(OPENING)
        sent = {"video": ("clip.mp4", b"x")}
        refused = (service.client.post("/recommend", files=sent, headers=one) for _ in range(1000))
        answer = next(answer for answer in refused if answer.status_code != 200)
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert int(answer.headers["retry-after"]) > 0
        assert service.client.post("/recommend", files=sent, headers=other).status_code == 200


def test_a_client_that_goes_away_leaves_neither_file_nor_place_taken(busy_service: Service) -> None:
    with connection(busy_service.port) as raw:
        raw.begin("Content-Length: 1000000")
        raw.send(OPENING + b"x" * 10_000)
    # The server learns of it in its own time.
    statuses = (upload(busy_service).status_code for _ in range(1000))
    assert next(status for status in statuses if status != 503) == 200
    assert left_uploads(busy_service) == []


def test_a_body_cut_off_before_its_closing_boundary_is_malformed(shared_service: Service) -> None:
    body = OPENING + b"x"
    with connection(shared_service.port) as raw:
        raw.begin(f"Content-Length: {len(body)}")
        raw.send(body)
        answer = raw.answer()
        assert (answer.status, answer.body["code"]) == (400, "malformed_request")
    assert shared_service.pool.seen == []
    assert left_uploads(shared_service) == []


def test_a_client_that_falls_silent_loses_its_place(shared_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "STALL_S", 0.05)
    with connection(shared_service.port) as raw:
        raw.begin("Content-Length: 1000000")
        raw.send(OPENING)
        answer = raw.answer()
        assert (answer.status, answer.body["code"]) == (400, "malformed_request")
    assert left_uploads(shared_service) == []


def test_a_full_disk_is_said_and_nothing_stays_on_it(shared_service: Service) -> None:
    with files_at_most(1_500_000):
        answer = upload(shared_service, b"x" * 2_500_000)
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert left_uploads(shared_service) == []
    assert upload(shared_service).status_code == 200


def test_a_connection_goes_on_after_a_refusal_that_came_after_the_whole_body(shared_service: Service) -> None:
    body = OPENING + b"raise NoVideoStream\n" + CLOSING
    with connection(shared_service.port) as raw:
        for _ in range(2):
            raw.begin(f"Content-Length: {len(body)}")
            raw.send(body)
            answer = raw.answer()
            assert answer.body["code"] == "no_video_stream"
            assert "connection" not in answer.headers


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "application/x-www-form-urlencoded"])
def test_a_body_of_another_kind_is_malformed(shared_service: Service, kind: str) -> None:
    answer = shared_service.client.post("/recommend", content=b"{}", headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")


def test_a_request_without_a_body_is_malformed(shared_service: Service) -> None:
    assert shared_service.client.post("/recommend").json()["code"] == "malformed_request"


def test_a_client_that_sends_a_byte_now_and_then_loses_its_place_too(
    shared_service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "STALL_S", 0.5)
    with connection(shared_service.port) as raw:
        raw.begin("Content-Length: 1000000")
        raw.send(OPENING)
        is_answered = threading.Event()

        def trickle() -> None:
            while not is_answered.wait(timeout=0.02):
                raw.send(b"x")

        sender = threading.Thread(target=trickle)
        sender.start()
        try:
            answer = raw.answer()
        finally:
            is_answered.set()
            sender.join()
        assert (answer.status, answer.body["code"]) == (400, "malformed_request")
        assert "bytes a second" in str(answer.body["detail"])

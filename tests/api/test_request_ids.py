import pytest

from tests.api.running import Service


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/music/x"])
def test_every_answer_has_an_id_of_its_own(shared_service: Service, path: str) -> None:
    first, second = (shared_service.client.get(path).headers["x-request-id"] for _ in range(2))
    assert len(first) == 26
    assert first != second


def test_a_problem_names_the_id_that_is_in_the_header(shared_service: Service) -> None:
    answer = shared_service.client.get("/nowhere")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_the_callers_own_id_is_kept(shared_service: Service) -> None:
    answer = shared_service.client.get("/nowhere", headers={"X-Request-ID": "job-7.retry_2"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "job-7.retry_2"


@pytest.mark.parametrize("offered", ["", "two words", "x" * 65, "<script>", "ü".encode().decode("latin-1"), "a;b"])
def test_an_id_that_could_do_harm_is_replaced(shared_service: Service, offered: str) -> None:
    answer = shared_service.client.get("/healthz", headers={b"X-Request-ID": offered.encode("latin-1")})
    assert len(answer.headers["x-request-id"]) == 26

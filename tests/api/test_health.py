from app.recommendation.library import Library
from tests.api.running import Service


def test_a_process_that_answers_says_so(shared_service: Service) -> None:
    assert shared_service.client.get("/healthz").json() == {"status": "ok"}


def test_a_server_is_ready_when_nothing_is_missing(service: Service) -> None:
    answer = service.client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "library_size": 0})


def test_a_server_without_workers_says_which_and_is_ready_again_when_they_are_back(service: Service) -> None:
    service.pool.lacks = ["device"]
    answer = service.client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert answer.json()["missing"] == ["worker: device"]
    assert "retry-after" in answer.headers
    service.pool.lacks = []
    assert service.client.get("/readyz").status_code == 200


def test_a_server_whose_library_went_to_another_checkpoint_waits_for_its_encoder(
    service: Service, library: Library
) -> None:
    with library.catalogue.writing() as queries:
        queries.set_active_digest("sha256:other")
    (missing,) = service.client.get("/readyz").json()["missing"]
    assert missing == "encoder: the checkpoint that the library was moved to"

from typing import Any

import pytest

from tests.api.running import Service


@pytest.fixture
def paths(shared_service: Service) -> dict[str, Any]:
    found: dict[str, Any] = shared_service.client.get("/openapi.json").json()["paths"]
    return found


def test_every_path_of_the_contract_is_there(paths: dict[str, Any]) -> None:
    assert {path: set(methods) for path, methods in paths.items()} == {
        "/recommend": {"post"},
        "/recommend/{recommendation_id}": {"get", "delete"},
        "/recommend/{recommendation_id}/video": {"get"},
        "/recommend/{recommendation_id}/render": {"post"},
        "/recommend/{recommendation_id}/render/{job_id}": {"get"},
        "/recommend/{recommendation_id}/render/{job_id}/credits": {"get"},
        "/stages/{request_id}": {"get"},
        "/feedback": {"post"},
        "/music": {"get", "post"},
        "/music/facets": {"get"},
        "/music/import": {"post"},
        "/music/{track_id}": {"get", "patch", "delete"},
        "/music/{track_id}/restore": {"post"},
        "/music/{track_id}/audio": {"get"},
        "/music/{track_id}/preview": {"get"},
        "/music/{track_id}/waveform": {"get"},
        "/music/{track_id}/similar": {"get"},
        "/jobs": {"get"},
        "/jobs/{job_id}": {"get", "delete"},
        "/jobs/{job_id}/events": {"get"},
        "/session": {"get", "post", "delete"},
        "/metrics": {"get"},
        "/healthz": {"get"},
        "/readyz": {"get"},
    }


def test_an_error_is_documented_with_an_example_of_every_code(paths: dict[str, Any]) -> None:
    content = paths["/recommend"]["post"]["responses"]["422"]["content"]["application/problem+json"]
    codes = {"invalid_parameter", "unreadable_media", "no_video_stream", "picture_too_large"}
    assert codes | {"media_too_short", "media_too_long"} == set(content["examples"])
    example = content["examples"]["no_video_stream"]["value"]
    assert set(content["schema"]["required"]) <= set(example)


def test_no_path_documents_the_frameworks_own_error_body(paths: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in str(paths)


def test_a_form_documents_its_file_and_its_fields(paths: dict[str, Any]) -> None:
    schema = paths["/music"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert schema["required"] == ["file"]
    assert {"title", "moods", "license", "bpm"} <= set(schema["properties"])


def test_answers_have_examples(shared_service: Service) -> None:
    schemas = shared_service.client.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["Recommended"]["example"]["results"][0]["track"]["audio_url"].startswith("/music/")
    assert schemas["StoredTrack"]["example"]["loudness_lufs"] < 0


def test_only_what_is_open_to_all_may_be_asked_without_a_key(paths: dict[str, Any]) -> None:
    operations = {f"{method} {path}": said for path, known in paths.items() for method, said in known.items()}
    is_open = {name for name, said in operations.items() if {} in said["security"]}
    assert is_open == {"get /healthz", "get /readyz", "post /session"}
    assert all(any(said["security"]) for said in operations.values())

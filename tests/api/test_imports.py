from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.recommendation.library import Library
from tests.api.event_streams import listening
from tests.api.keys_at_hand import bearer, new_key
from tests.api.running import Service, running_service
from tests.fake_pool import FakePool


@pytest.fixture
def import_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "imports"
    (folder / "new").mkdir(parents=True)
    (folder / "new" / "one.mp3").write_bytes(b"one")
    (folder / "new" / "bad.mp3").write_bytes(b"raise SilentAudio")
    (folder / "list.csv").write_text("file,title\none.mp3,Said\n")
    return folder


@pytest.fixture
def service(library: Library, import_dir: Path) -> Iterator[Service]:
    with FakePool() as pool, running_service(library, pool, import_dir=import_dir) as service:
        yield service


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_folder_is_imported_and_told_file_by_file(service: Service) -> None:
    answer = service.client.post("/music/import", json={"folder": "new", "csv": "list.csv"})
    assert answer.status_code == 202
    job = answer.json()
    assert (job["kind"], job["errors"], job["result"]) == ("import", [], None)
    assert answer.headers["location"] == f"/jobs/{job['id']}"
    with listening(service.client, f"/jobs/{job['id']}/events") as events:
        *_, last = events
    assert (last.data["state"], last.data["done"], last.data["total"]) == ("done", 2, 2)
    assert last.data["result"] == {"added": 1, "present": 0, "refused": 1, "skipped": 0}
    assert last.data["errors"] == [
        {"item": "bad.mp3", "code": "silent_audio", "detail": "the audio is silent from beginning to end"}
    ]
    assert [track["title"] for track in service.client.get("/music").json()["items"]] == ["Said"]


@pytest.mark.parametrize("folder", ["..", "/", "missing", "list.csv", ""])
def test_a_folder_that_may_not_be_imported_makes_no_job(service: Service, folder: str, tmp_path: Path) -> None:
    answer = service.client.post("/music/import", json={"folder": folder + "/.." * (folder == "")})
    assert code_of(answer) == (422, "folder_not_allowed")
    assert str(tmp_path) not in answer.text
    assert service.client.get("/jobs").json()["items"] == []


def test_a_list_with_a_fault_is_refused_with_its_line(service: Service, import_dir: Path) -> None:
    (import_dir / "bad.csv").write_text("file,colour\n")
    answer = service.client.post("/music/import", json={"folder": "new", "csv": "bad.csv"})
    assert code_of(answer) == (422, "invalid_parameter")
    assert answer.json()["parameter"] == "bad.csv line 1"


@pytest.mark.parametrize("body", [{}, {"folder": 1}, {"folder": "new", "colour": "red"}, [], {"folder": "x" * 4001}])
def test_a_body_with_a_fault_is_refused(service: Service, body: object) -> None:
    assert code_of(service.client.post("/music/import", json=body)) == (422, "invalid_parameter")


def test_a_server_without_an_import_folder_says_which_setting_it_lacks(shared_service: Service) -> None:
    answer = shared_service.client.post("/music/import", json={"folder": "new"})
    assert code_of(answer) == (422, "folder_not_allowed")
    assert "BGM_IMPORT_DIR" in answer.json()["detail"]


def test_importing_needs_a_key_that_may_change_the_library(library: Library, import_dir: Path) -> None:
    reader, manager = new_key(library, "reader", scope="recommend"), new_key(library, "manager", scope="manage")
    with FakePool() as pool, running_service(library, pool, import_dir=import_dir) as service:
        asked = {"folder": "new"}
        refused = service.client.post("/music/import", json=asked, headers=bearer(reader))
        assert code_of(refused) == (403, "key_lacks_scope")
        job = service.client.post("/music/import", json=asked, headers=bearer(manager)).json()
        assert service.client.get(f"/jobs/{job['id']}", headers=bearer(manager)).status_code == 200
        assert service.client.get(f"/jobs/{job['id']}", headers=bearer(reader)).status_code == 404

import gzip
from pathlib import Path

import pytest

from app.api.page import FOLDER, page_files
from tests.api.running import Service

PLAIN = {"Accept-Encoding": "identity"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def test_the_page_is_at_the_root(shared_service: Service) -> None:
    answer = shared_service.client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.content == (FOLDER / "index.html").read_bytes()


def test_every_file_of_the_page_is_served_with_a_type_that_browsers_take(shared_service: Service) -> None:
    types = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
    names = [path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.suffix in types]
    assert names
    for name in names:
        answer = shared_service.client.get(f"/web/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, types[Path(name).suffix]), name
        assert answer.content == (FOLDER / name).read_bytes()


def test_the_page_may_run_and_load_only_what_this_server_serves(shared_service: Service) -> None:
    headers = shared_service.client.get("/").headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "microphone=()" in headers["permissions-policy"]


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_the_browser_has_already_is_not_sent_again(shared_service: Service, coding: str) -> None:
    first = shared_service.client.get("/", headers={"Accept-Encoding": coding})
    assert first.headers["cache-control"] == "no-cache"
    assert not first.headers["etag"].startswith("W/")
    asked = {"Accept-Encoding": coding, "If-None-Match": f'"x", {first.headers["etag"]}'}
    again = shared_service.client.get("/", headers=asked)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = shared_service.client.get("/", headers=asked | {"If-None-Match": '"x"'})
    assert other.status_code == 200


def test_text_is_sent_compressed_under_a_tag_of_its_own(shared_service: Service) -> None:
    packed = shared_service.client.get("/", headers={"Accept-Encoding": "br, gzip;q=0.5"})
    plain = shared_service.client.get("/", headers=PLAIN)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("refusal", ["gzip;q=0", "identity", "*;q=0"])
def test_who_cannot_unpack_gets_it_as_it_is(shared_service: Service, refusal: str) -> None:
    assert "content-encoding" not in shared_service.client.get("/", headers={"Accept-Encoding": refusal}).headers


def test_head_says_how_much_there_is(shared_service: Service) -> None:
    answer = shared_service.client.head("/", headers=PLAIN)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == (FOLDER / "index.html").stat().st_size


@pytest.mark.parametrize(
    "path",
    [
        "/web/",
        "/web",
        "/web/nothing.js",
        "/web/%2e%2e/main.py",
        "/web/..%2fmain.py",
        "/web//etc/passwd",
    ],
)
def test_there_is_nothing_but_the_pages_own_files(shared_service: Service, path: str) -> None:
    answer = shared_service.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_page_cannot_be_written_to(shared_service: Service) -> None:
    answer = shared_service.client.put("/web/icon.svg", content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_files_are_read_once_and_known_by_their_path(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "a.js").write_text("x" * 1000)
    (tmp_path / "b.bin").write_bytes(b"\0" * 1000)
    (tmp_path / "tiny.css").write_text("a")
    found = page_files(tmp_path)
    assert set(found) == {"deep/er/a.js", "b.bin", "tiny.css"}
    script = found["deep/er/a.js"]
    assert script.compressed is not None
    assert gzip.decompress(script.compressed) == script.content == b"x" * 1000
    assert (found["b.bin"].compressed, found["b.bin"].media_type) == (None, "application/octet-stream")
    # Compressing it would make it longer.
    assert found["tiny.css"].compressed is None


def test_another_content_has_another_tag(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    first = page_files(tmp_path)["a.js"].etag
    (tmp_path / "a.js").write_text("2")
    assert page_files(tmp_path)["a.js"].etag != first

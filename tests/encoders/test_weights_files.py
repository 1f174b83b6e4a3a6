import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.encoders import weights_files
from app.encoders.weights_files import fetched_file, verified_file
from app.errors import CheckpointError
from tests.encoders.weights_server import WeightsServer, running_weights_server

CONTENT = bytes(range(256)) * 100
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OTHER = "0" * 64


@pytest.fixture
def server() -> Iterator[WeightsServer]:
    with running_weights_server(CONTENT) as server:
        yield server


def fetch(url: str, cache_dir: Path | None, sha256: str = SHA256) -> Path:
    return fetched_file(url, sha256, cache_dir=cache_dir, checkpoint="own", field="music.backbone")


def fault_of(url: str, cache_dir: Path | None, sha256: str = SHA256) -> CheckpointError:
    with pytest.raises(CheckpointError) as caught:
        fetch(url, cache_dir, sha256)
    assert caught.value.checkpoint == "own"
    return caught.value


def test_a_file_with_the_right_sha256_is_taken_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "own.safetensors").write_bytes(CONTENT)
    path = verified_file(tmp_path / "own.safetensors", SHA256, checkpoint="own", field="music.backbone")
    assert path == tmp_path / "own.safetensors"


def test_a_file_with_another_sha256_is_refused_and_both_are_named(tmp_path: Path) -> None:
    (tmp_path / "own.safetensors").write_bytes(CONTENT)
    with pytest.raises(CheckpointError) as caught:
        verified_file(tmp_path / "own.safetensors", OTHER, checkpoint="own", field="music.backbone")
    assert caught.value.field == "music.backbone.weights_sha256"
    assert caught.value.reason == f"is {OTHER}, but own.safetensors has {SHA256}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="No such file") as caught:
        verified_file(tmp_path / "own.safetensors", SHA256, checkpoint="own", field="music.backbone")
    assert caught.value.field == "music.backbone.weights_file"


@pytest.mark.parametrize("page", ["weights", "moved"])
def test_a_fetched_file_is_kept_and_fetched_once(server: WeightsServer, tmp_path: Path, page: str) -> None:
    cache = tmp_path / "not" / "there"
    path = fetch(f"{server.url}/{page}", cache)
    assert path.read_bytes() == CONTENT
    asked = len(server.asked)
    assert fetch(f"{server.url}/{page}", cache) == path
    assert len(server.asked) == asked
    assert [file.name for file in cache.iterdir()] == [f"{SHA256}.safetensors"]


def test_a_kept_file_that_is_damaged_is_fetched_again(server: WeightsServer, tmp_path: Path) -> None:
    path = fetch(f"{server.url}/weights", tmp_path)
    path.write_bytes(CONTENT[:-1])
    assert fetch(f"{server.url}/weights", tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_another_sha256_than_the_one_asked_for_is_refused_and_both_are_named(
    server: WeightsServer, tmp_path: Path
) -> None:
    error = fault_of(f"{server.url}/weights", tmp_path, OTHER)
    assert error.field == "music.backbone.weights_sha256"
    assert error.reason == f"is {OTHER}, but {server.url}/weights has {SHA256}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("page", "reason"), [("/nothing", "404"), ("/short", "cannot be fetched"), (":99999/x", "cannot be fetched")]
)
def test_what_cannot_be_fetched_whole_is_named_and_leaves_nothing(
    server: WeightsServer, tmp_path: Path, page: str, reason: str
) -> None:
    error = fault_of(f"{server.url}{page}", tmp_path)
    assert error.field == "music.backbone.weights_url"
    assert server.url in error.reason
    assert reason in error.reason
    assert list(tmp_path.iterdir()) == []


def test_a_file_beyond_all_sizes_is_given_up(
    server: WeightsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights_files, "MOST_BYTES", 1000)
    assert "larger than 1000 bytes" in fault_of(f"{server.url}/weights", tmp_path).reason
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_to_keep_it_in_nothing_is_fetched(server: WeightsServer) -> None:
    error = fault_of(f"{server.url}/weights", None)
    assert error.field == "music.backbone.weights_url"
    assert "BGM_CACHE_DIR" in error.reason
    assert server.asked == []


def test_a_cache_folder_that_cannot_be_written_to_is_told(server: WeightsServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert fault_of(f"{server.url}/weights", tmp_path / "file").field == "music.backbone.weights_url"

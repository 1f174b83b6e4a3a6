from pathlib import Path

import pytest

from tests.bgm_command import Bgm, command_runner


@pytest.fixture
def bgm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bgm:
    return command_runner(tmp_path, monkeypatch, capsys)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A folder with two tracks, one in a folder of its own."""
    folder = tmp_path / "music"
    (folder / "b").mkdir(parents=True)
    (folder / "one.mp3").write_bytes(b"one")
    (folder / "b" / "two.mp3").write_bytes(b"untagged two")
    return folder

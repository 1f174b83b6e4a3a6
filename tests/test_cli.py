import subprocess
import sys
from pathlib import Path

import pytest

from app import main as web
from tests.bgm_command import Bgm, command_runner

COMMANDS = {"serve", "migrate", "is-new", "import", "recommend", "rebuild-index", "reembed", "doctor", "keys"}


@pytest.fixture
def bgm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bgm:
    return command_runner(tmp_path, monkeypatch, capsys)


def test_every_command_is_there_and_has_its_help(bgm: Bgm) -> None:
    listed = bgm("--help")[1]

    for command in COMMANDS:
        assert command in listed
        assert bgm(command, "--help")[0] == 0


def test_a_wrong_setting_is_named_in_one_line(bgm: Bgm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGM_PORT", "many")

    status, _, complaint = bgm("is-new")

    assert status == 2
    assert complaint.startswith("bgm: invalid_parameter: BGM_PORT: ")
    assert complaint.count("\n") == 1


def test_a_data_folder_that_cannot_be_made_is_told_in_one_line(
    bgm: Bgm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("BGM_DATA_DIR", str(tmp_path / "file" / "data"))

    status, _, complaint = bgm("is-new")

    assert status == 2
    assert complaint.startswith("bgm: ")
    assert complaint.count("\n") == 1


def test_serve_hands_the_settings_to_the_server(bgm: Bgm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGM_PORT", "8123")
    served: list[int] = []
    monkeypatch.setattr(web, "serve", lambda settings: served.append(settings.port))

    assert bgm("serve")[0] == 0
    assert served == [8123]


def test_an_open_door_is_refused_in_one_line(bgm: Bgm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGM_HOST", "0.0.0.0")

    status, _, complaint = bgm("serve")

    assert status == 2
    assert "BGM_ALLOW_WITHOUT_KEY" in complaint


def test_the_command_line_loads_neither_torch_nor_decoders_nor_the_web_framework() -> None:
    heavy = {"torch", "av", "cv2", "librosa", "fastapi", "starlette", "uvicorn"}
    program = f"import sys, app.cli; print(sorted({heavy} & set(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert loaded.stdout.strip() == "[]"

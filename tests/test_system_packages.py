"""The script that looks for programs which are not Python packages; nothing is installed by these tests."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "system-packages"


def program(folder: Path, name: str, *, says: str = "") -> None:
    (folder / name).write_text(f"#!/bin/sh\necho {says}\n")
    (folder / name).chmod(0o755)


def asked(folder: Path, *packages: str) -> subprocess.CompletedProcess[str]:
    """For somebody who is not root and has only the programs in this folder."""
    program(folder, "id", says="1000")
    environment = {"PATH": str(folder)}
    return subprocess.run(["/bin/sh", SCRIPT, *packages], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("package", "installed"),
    [("ffmpeg", "ffmpeg"), ("chromium", "chromium"), ("chromium", "google-chrome"), ("postgresql", "initdb")],
)
def test_what_is_there_is_not_installed_again(tmp_path: Path, package: str, installed: str) -> None:
    program(tmp_path, installed)
    found = asked(tmp_path, package)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_who_may_not_install_is_told_what_to_type(tmp_path: Path) -> None:
    program(tmp_path, "apt-get")
    found = asked(tmp_path, "ffmpeg", "chromium")
    assert found.returncode == 1
    assert "apt-get install --yes --no-install-recommends ffmpeg chromium\n" in found.stderr

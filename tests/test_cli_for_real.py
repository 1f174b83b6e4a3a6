"""The installed command with real processes, real files and the shipped checkpoint, one after the other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.media_files import Film, write_sound, write_text, write_video

LIMIT_S = 120


def bgm(data_dir: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """What `bgm` says to these words, run as a program of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BGM_")}
    command = [str(Path(sys.executable).with_name("bgm")), *map(str, words)]
    return subprocess.run(
        command, env=kept | {"BGM_DATA_DIR": str(data_dir)}, capture_output=True, text=True, timeout=LIMIT_S
    )


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    write_sound(folder / "low.flac", tags={"title": "Low tone"})
    write_sound(folder / "high.ogg", codec="opus", rate_hz=48_000, seconds=3.0)
    write_text(folder / "text.mp3")
    (folder / "list.csv").write_text("file,title,moods\nhigh.ogg,High tone,bright;clear\n")
    return folder


def test_a_folder_goes_in_and_a_video_gets_its_music_without_a_server(music: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"

    imported = bgm(data_dir, "import", music, "--csv", music / "list.csv")

    assert imported.returncode == 1
    assert "text.mp3: unreadable_media: " in imported.stdout
    assert "added 2 (0 min of music), already there 0, refused 1, skipped 0" in imported.stdout
    assert imported.stderr == ""

    video = write_video(tmp_path / "clip.mp4", Film(seconds=1.0))
    recommended = bgm(data_dir, "recommend", video, "--title", "tones", "--json")

    assert recommended.returncode == 0, recommended.stderr
    answer = json.loads(recommended.stdout)
    assert {result["track"]["title"] for result in answer["results"]} == {"Low tone", "High tone"}
    assert answer["video"]["width"] == 64
    assert all(-1 <= result["score"] <= 1 for result in answer["results"])

    examined = bgm(data_dir, "doctor", "--deep")
    assert examined.returncode == 0, examined.stdout

import os
import subprocess
import sys
from pathlib import Path

from app.inference.scratch import Scratch

ROOT = Path(__file__).parent.parent.parent
OWNER = """
import sys
from pathlib import Path
from app.inference.scratch import Scratch

with Scratch(Path(sys.argv[1])) as scratch, scratch.file() as path:
    path.write_text("half a picture")
    print(path, flush=True)
    sys.stdin.read()
"""


def owned(parent: Path) -> list[Path]:
    return sorted(parent.glob("owned-*"))


def test_a_file_is_gone_after_use_whether_it_was_written_or_not(tmp_path: Path) -> None:
    with Scratch(tmp_path / "new" / "folder") as scratch:
        with scratch.file() as written, scratch.file() as unwritten:
            written.write_text("pixels")
            assert not unwritten.exists()
        assert not written.exists()


def test_leaving_removes_the_folder_with_all_that_is_left_in_it(tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch, scratch.file() as path:
        (path.parent / "left").touch()
    assert owned(tmp_path) == []


def test_entering_removes_what_a_killed_owner_left_and_nothing_of_a_living_one(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as owner:
        assert owner.stdout is not None
        left = Path(owner.stdout.readline().strip())
        with Scratch(tmp_path):
            assert left.exists()
        owner.kill()
        owner.wait()
        assert left.exists()
        with Scratch(tmp_path):
            assert not left.parent.exists()
            assert len(owned(tmp_path)) == 1


def test_a_folder_whose_owner_died_before_it_was_locked_is_removed(tmp_path: Path) -> None:
    (tmp_path / "owned-abc").mkdir()
    with Scratch(tmp_path):
        assert len(owned(tmp_path)) == 1


def test_what_is_not_a_scratch_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "upload").write_text("a video")
    with Scratch(tmp_path):
        pass
    assert (tmp_path / "upload").read_text() == "a video"

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from app.blobs.store import BlobStore
from app.blobs.turns import TURNS, Turns

ONE = "0" * 64
SAME, OTHER = f"{TURNS:08x}".ljust(64, "f"), "1".rjust(8, "0").ljust(64, "0")


def test_of_two_servers_on_one_folder_the_second_waits_for_its_turn(tmp_path: Path) -> None:
    here, there = BlobStore(tmp_path), BlobStore(tmp_path)
    is_through = Event()

    def take(sha256: str) -> None:
        with there.turns.of(sha256):
            is_through.set()

    with ThreadPoolExecutor(1) as threads:
        with here.turns.of(ONE):
            waiting = threads.submit(take, SAME)
            assert not is_through.wait(0.2)
        waiting.result(timeout=10)
    assert is_through.is_set()


def test_other_files_are_not_waited_for(tmp_path: Path) -> None:
    turns = Turns(tmp_path)
    with turns.of(ONE), turns.of(OTHER):
        assert len(list(tmp_path.iterdir())) == 2


def test_a_turn_ends_with_what_was_done_in_it_however_that_ends(tmp_path: Path) -> None:
    turns = Turns(tmp_path)
    with pytest.raises(ValueError, match="broken"), turns.of(ONE):
        raise ValueError("broken")
    with turns.of(ONE):
        pass

"""The `bgm` command as tests run it: in this process, on a library of its own, with a pool that needs no media."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import cli
from app.commands import importing, recommending, reembedding
from app.domain import EncodedTrack
from app.settings import Settings
from tests.fake_pool import FakePool
from tests.library_on_disk import a_spec

# Runs the command line with these words; its exit status, and what it said on both outputs.
Bgm = Callable[..., tuple[int, str, str]]


class CommandPool(FakePool):
    """A track that says so is interrupted, as by Ctrl-C."""

    def encode_track(self, path: Path) -> Future[EncodedTrack]:
        if path.read_bytes().startswith(b"interrupt"):
            os.kill(os.getpid(), signal.SIGINT)
        return super().encode_track(path)


@contextmanager
def running_fake_pool(settings: Settings) -> Iterator[CommandPool]:
    with CommandPool() as pool:
        yield pool


def make_checkpoint(folder: Path, *, weights: bytes = b"weights") -> Path:
    """A checkpoint as far as its folder is looked at; the fake pool never loads it."""
    folder.mkdir()
    (folder / "encoder.json").write_text(a_spec().model_dump_json())
    (folder / "weights.safetensors").write_bytes(weights)
    return folder


def command_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bgm:
    """`bgm` on a library of its own in `tmp_path`, with encoders that need no media."""
    for name in [name for name in os.environ if name.startswith("BGM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BGM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("BGM_CHECKPOINT", str(make_checkpoint(tmp_path / "checkpoint")))
    # Tables are as wide as the terminal says.
    monkeypatch.setenv("COLUMNS", "200")
    for command in (importing, recommending, reembedding):
        monkeypatch.setattr(command, "running_pool", running_fake_pool)

    def run(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bgm", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run

"""Runs the ffmpeg program: behind a fence, within a time limit, and never longer than whoever runs it lives.

Knows nothing of pictures or sound. The command lines are ffmpeg-python's; its own ways of running them have no limit.
"""

import ctypes
import logging
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import ffmpeg

from app.domain import MediaLimits
from app.errors import BgmError, DiskFull, MediaTookTooLong, NotReady, UnreadableMedia
from app.media.accepted import SOUND_CODECS, VIDEO_CODECS

LOG = logging.getLogger(__name__)

# A node of ffmpeg-python's graph; the library has no types.
Node = Any
SAID_BYTES = 8192
LOGGED_SIGNS = 600
LOOK_EVERY_S = 0.1
# Of one decoder or encoder: on a machine with many processors more would only cost memory.
THREADS = 4
# Packets of the picture that may wait for the first sound to come out of its filters; the usual 128 are soon there.
PACKETS_WAITING = 10_000
PR_SET_PDEATHSIG = 1
# What meters find is told at the level "info".
QUIETLY = ("-nostdin", "-hide_banner", "-nostats", "-loglevel", "info")
# What ffmpeg says, in the C library's words, where the output finds no room; it may end as if all were well. What is
# indented are words of the files.
FULL_DISK = re.compile(r"^\S.*(No space left on device|File too large|Disk quota exceeded)", re.MULTILINE)
UNWRITTEN = re.compile(r"^(\S.*)?Error (writing trailer|closing file)", re.MULTILINE)


class Stopped(Exception):
    """Whoever asked does not want it any more."""


def source(path: Path, demuxer: str, *, limits: MediaLimits, **options: object) -> Node:
    """A file as an input. It is opened as `demuxer` and by nothing else; nothing in it can name another file."""
    fence = {
        "f": demuxer,
        "protocol_whitelist": "file",
        "codec_whitelist": ",".join(dict.fromkeys([*VIDEO_CODECS.values(), *SOUND_CODECS.values()])),
        "max_pixels": limits.max_pixels,
        "threads": THREADS,
    }
    return ffmpeg.input(f"file:{path}", **fence, **options)


def target(nodes: Sequence[Node], path: Path, muxer: str, **options: object) -> Node:
    """A file as the output of `nodes`, without the sources' chapters."""
    usual = {"f": muxer, "map_chapters": -1, "threads": THREADS, "max_muxing_queue_size": PACKETS_WAITING}
    return ffmpeg.output(*nodes, f"file:{path}", **usual, **options)


def nowhere(node: Node) -> Node:
    """An output for a filter that only measures."""
    return ffmpeg.output(node, "-", f="null")


def run(output: Node, *, limit_s: float, is_unwanted: Callable[[], bool]) -> str:
    """The last that ffmpeg says, up to SAID_BYTES. `is_unwanted` is asked about ten times a second.

    Raises NotReady without the program, MediaTookTooLong, DiskFull, Stopped, and UnreadableMedia for any other failure.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise NotReady(missing=["ffmpeg"])
    process = subprocess.Popen(
        ffmpeg.compile(output, cmd=[program, *QUIETLY], overwrite_output=True),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # Ctrl-C in a terminal goes to the server's whole group; the server decides what becomes of its work.
        process_group=0,
        preexec_fn=_ending_with(os.getpid()),
    )
    assert process.stderr is not None
    with process.stderr:
        try:
            said = _last_words(process.stderr, time.monotonic() + limit_s, is_unwanted)
            code = process.wait(timeout=limit_s)
        except (TimeoutError, subprocess.TimeoutExpired) as error:
            raise MediaTookTooLong(limit_s=limit_s) from error
        finally:
            _end(process)
    if code != 0 or FULL_DISK.search(said) or UNWRITTEN.search(said):
        raise _failure(code, said)
    return said


def _last_words(stream: IO[bytes], deadline: float, is_unwanted: Callable[[], bool]) -> str:
    said = b""
    while True:
        if is_unwanted():
            raise Stopped
        if time.monotonic() > deadline:
            raise TimeoutError
        if select.select([stream], [], [], LOOK_EVERY_S)[0]:
            more = os.read(stream.fileno(), 65_536)
            if not more:
                return said.decode(errors="replace")
            said = (said + more)[-SAID_BYTES:]


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _failure(code: int, said: str) -> BgmError:
    if code == -signal.SIGXFSZ or FULL_DISK.search(said):
        return DiskFull()
    LOG.warning("ffmpeg ended with %d: %s", code, said[-LOGGED_SIGNS:])
    return UnreadableMedia(reason="ffmpeg cannot make a new file of it")


def _ending_with(parent: int) -> Callable[[], None] | None:
    """For the child to call: the kernel ends it with its parent, however that ends. Linux only; elsewhere a child whose
    parent is killed finishes what it was doing.

    Only the child itself can ask for that, between fork and exec. A thread that was not forked with it may hold any
    lock there, the linker's above all, so everything is looked up here, before: what is left are three calls into the
    kernel. PyDLL lets go of no lock that it would have to wait for again.
    """
    if sys.platform != "linux":
        return None
    prctl, kill, getppid, leave = ctypes.PyDLL(None).prctl, int(signal.SIGKILL), os.getppid, os._exit
    # No argument has to be converted by asking what it is.
    prctl.argtypes, prctl.restype = (ctypes.c_int, ctypes.c_ulong), ctypes.c_int

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, kill)
        if getppid() != parent:
            leave(1)

    return bind

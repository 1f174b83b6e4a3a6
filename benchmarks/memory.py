"""What a server weighs: idle, after its first requests, during a 1 GB upload; and how soon it is ready.

    python -m benchmarks.memory [--tracks NUMBER]

Weight is PSS: memory shared by several processes is counted once over all of them. Linux only.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from benchmarks.clips import make_clips, make_padded_clip
from benchmarks.machine import Finding, print_findings
from benchmarks.made_up_library import fill_catalogue
from benchmarks.server import RunningServer, running_server

MEGABYTE = 1_000_000
UPLOAD_BYTES = 1_000 * MEGABYTE
ASKED_IDLE_MB, ASKED_UPLOAD_MB, ASKED_READY_S = 900, 30, 6.0
SAMPLE_EVERY_S = 0.05
STARTS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description="memory of a server, and how soon it is ready")
    parser.add_argument("--tracks", type=int, default=10_000, help="tracks in the catalogue (10,000)")
    tracks = parser.parse_args().tracks
    with tempfile.TemporaryDirectory(prefix="bgm-memory-") as temporary:
        clips = make_clips(Path(temporary) / "clips")
        large = make_padded_clip(Path(temporary) / "large.mp4", size_bytes=UPLOAD_BYTES)
        data_dir = Path(temporary) / "data"
        fill_catalogue(data_dir, tracks=tracks)
        findings = [*_starts(data_dir), *_weights(data_dir, clips=clips, large=large)]
    print_findings(f"Memory and start, {tracks:,} tracks in the catalogue", findings)


def _starts(data_dir: Path) -> list[Finding]:
    """The first start builds the index; the later ones find its snapshot."""
    took_s = []
    for _ in range(1 + STARTS):
        with running_server(data_dir) as server:
            took_s.append(server.ready_after_s)
    later_s = statistics.median(took_s[1:])
    asked = f"≤ {ASKED_READY_S:g}"
    return [
        Finding("ready after, first start (index built), s", f"{took_s[0]:.2f}", asked, took_s[0] <= ASKED_READY_S),
        Finding(f"ready after, median of {STARTS} starts, s", f"{later_s:.2f}", asked, later_s <= ASKED_READY_S),
    ]


def _weights(data_dir: Path, *, clips: list[Path], large: Path) -> list[Finding]:
    with running_server(data_dir) as server:
        fresh = _settled_mb(server)
        statuses = [_ask(server, clip) for clip in [*clips, *clips]]
        warm = _settled_mb(server)
        before = _weigh(server)
        during = _peaks(server, lambda: statuses.append(_ask(server, large)))
    if statuses != [200] * (2 * len(clips) + 1):
        raise SystemExit(f"not every request was answered: {statuses}")
    added, added_api = during.total_mb - before.total_mb, during.parent_mb - before.parent_mb
    asked_idle, asked_upload = f"≤ {ASKED_IDLE_MB}", f"≤ {ASKED_UPLOAD_MB}"
    return [
        Finding(
            "idle, before the first request, MB over all processes", f"{fresh:.0f}", asked_idle, fresh <= ASKED_IDLE_MB
        ),
        Finding(
            "idle, after the first requests, MB over all processes", f"{warm:.0f}", asked_idle, warm <= ASKED_IDLE_MB
        ),
        Finding("added by a 1 GB upload, all processes, MB", f"{added:.0f}", asked_upload, added <= ASKED_UPLOAD_MB),
        Finding(
            "added by a 1 GB upload, API process, MB", f"{added_api:.0f}", asked_upload, added_api <= ASKED_UPLOAD_MB
        ),
    ]


@dataclass(frozen=True, slots=True)
class Weight:
    """PSS of the API process, and of all of the server's processes."""

    parent_mb: float
    total_mb: float


def _weigh(server: RunningServer) -> Weight:
    each_mb = [_pss_mb(process) for process in server.processes()]
    return Weight(each_mb[0], sum(each_mb))


def _pss_mb(process: psutil.Process) -> float:
    try:
        rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # ended since it was listed
    (kilobytes,) = (line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(kilobytes) * 1024 / MEGABYTE


def _settled_mb(server: RunningServer) -> float:
    """Weight two seconds after the last request."""
    time.sleep(2)
    return _weigh(server).total_mb


def _peaks(server: RunningServer, work: Callable[[], None]) -> Weight:
    """The highest weights seen while `work` runs."""
    worker = threading.Thread(target=work)
    worker.start()
    seen = []
    while worker.is_alive():
        seen.append(_weigh(server))
        worker.join(timeout=SAMPLE_EVERY_S)
    return Weight(max(weight.parent_mb for weight in seen), max(weight.total_mb for weight in seen))


def _ask(server: RunningServer, video: Path) -> int:
    with video.open("rb") as file:
        return httpx.post(f"{server.url}/recommend", files={"video": (video.name, file)}, timeout=300).status_code


if __name__ == "__main__":
    main()

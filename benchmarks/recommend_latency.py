"""How long `POST /recommend` takes beside its stages run alone, and how many a second beside the same work offline.

    python -m benchmarks.recommend_latency [--videos FOLDER]

One client: every clip is asked about in turn, and in the same turn its stages are run alone in this process (receive,
decode, features and encode, search with the catalogue). Eight clients: rounds of requests alternate with rounds of the
same clips through an inference pool of the same size, without HTTP, upload, search or catalogue. The library holds
10,000 made-up tracks. The clients share the processor with the server, as they do nowhere else.
"""

import argparse
import http.client
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from app.domain import Brief
from app.inference.pool import InferencePool
from app.opening import open_library, running_pool
from app.recommendation.media_folder import VIDEO_ENDINGS, find_media
from app.settings import STARTER_CHECKPOINT, Settings
from benchmarks.clips import make_clips
from benchmarks.machine import Finding, markdown_table, print_findings
from benchmarks.made_up_library import fill_catalogue
from benchmarks.server import running_server
from benchmarks.stages import Stages, StageTimes

ASKED_LATENCY_RATIO, ASKED_RATE_RATIO = 1.2, 0.85
TRACKS, CLIENTS, LIMIT = 10_000, 8, 10
TURNS, ROUNDS, REQUESTS_A_ROUND = 7, 3, 32
BRIEF = Brief(title="racing through the city", keywords=("fast", "neon"))
BOUNDARY = "bgm-benchmark"


@dataclass(frozen=True, slots=True)
class ClipTimes:
    """Medians over the turns, in seconds."""

    name: str
    whole: float
    stages: StageTimes


def main() -> None:
    parser = argparse.ArgumentParser(description="latency and throughput of POST /recommend")
    parser.add_argument("--videos", type=Path, help="a folder of clips; some are made without it")
    parser.add_argument("--at-most", type=int, default=12, help="how many of them to take (12)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bgm-latency-") as temporary:
        found = _clips_in(arguments.videos) if arguments.videos else make_clips(Path(temporary) / "clips")
        data_dir = Path(temporary) / "data"
        fill_catalogue(data_dir, tracks=TRACKS)
        with running_server(data_dir) as server:
            # A folder may hold files that are refused, for having no picture, say.
            clips = [clip for clip in found if _ask(server.url, _form(clip)) == HTTPStatus.OK][: arguments.at_most]
            times = _time_one_client(clips, server.url, data_dir, scratch=Path(temporary))
            rates = _time_eight_clients(clips, server.url, data_dir)
    _report(times, *rates)


def _clips_in(folder: Path) -> list[Path]:
    found = find_media(folder, endings=VIDEO_ENDINGS, outside=Path("bgm-data"))
    return [file.path for file in found if file.passed_over is None]


def _time_one_client(clips: Sequence[Path], url: str, data_dir: Path, *, scratch: Path) -> list[ClipTimes]:
    with open_library(Settings(data_dir=data_dir)) as library:
        stages = Stages(STARTER_CHECKPOINT, library=library, scratch=scratch)
        return [_time_clip(clip, url, stages) for clip in clips]


def _time_clip(clip: Path, url: str, stages: Stages) -> ClipTimes:
    form = _form(clip)
    turns = []
    # The first turn warms files, caches and processes and is not counted.
    for _ in range(1 + TURNS):
        began = time.perf_counter()
        _ask(url, form)
        turns.append((time.perf_counter() - began, stages.run(clip, BRIEF, limit=LIMIT)))
    counted = turns[1:]
    parts = [statistics.median(getattr(alone, part) for _, alone in counted) for part in StageTimes.__slots__]
    return ClipTimes(clip.name, statistics.median(whole for whole, _ in counted), StageTimes(*parts))


def _time_eight_clients(clips: Sequence[Path], url: str, data_dir: Path) -> tuple[float, float]:
    """Median requests a second, and median of the same clips a second through a pool of this process."""
    chosen = [clips[turn % len(clips)] for turn in range(REQUESTS_A_ROUND)]
    forms = {clip: _form(clip) for clip in clips}
    served, offline = [], []
    with running_pool(Settings(data_dir=data_dir / "offline")) as pool:
        pool.wait_until_ready()
        _seconds_offline(pool, clips)  # to warm it; the server is warm
        for _ in range(ROUNDS):
            served.append(REQUESTS_A_ROUND / _seconds_served(url, [forms[clip] for clip in chosen]))
            offline.append(REQUESTS_A_ROUND / _seconds_offline(pool, chosen))
    return statistics.median(served), statistics.median(offline)


def _seconds_served(url: str, forms: Sequence[bytes]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        statuses = set(clients.map(lambda form: _ask(url, form), forms))
    if statuses != {HTTPStatus.OK}:
        raise SystemExit(f"POST /recommend answered with {statuses}")
    return time.perf_counter() - began


def _seconds_offline(pool: InferencePool, clips: Sequence[Path]) -> float:
    began = time.perf_counter()
    # As many in hand as the pool takes, so that batches are as large as they can be.
    with ThreadPoolExecutor(pool.max_waiting) as hands:
        list(hands.map(lambda clip: pool.encode_video(clip, BRIEF).result(), clips))
    return time.perf_counter() - began


def _form(clip: Path) -> bytes:
    """The request's body, made beforehand: a client in Python takes longer to put it together than to send it."""
    fields = {"title": BRIEF.title, "keywords": ",".join(BRIEF.keywords), "limit": str(LIMIT)}
    texts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="video"; filename="{clip.name}"\r\n\r\n'
    return "".join([*texts, head]).encode() + clip.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()


def _ask(url: str, form: bytes) -> int:
    """The status of the answer."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=300)
    try:
        connection.request("POST", "/recommend", form, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def _report(times: Sequence[ClipTimes], served_rate: float, offline_rate: float) -> None:
    latency = statistics.median(clip.whole / clip.stages.total() for clip in times)
    rate = served_rate / offline_rate
    findings = [
        Finding(
            "one client: whole / sum of stages, median clip",
            f"{latency:.2f}",
            f"≤ {ASKED_LATENCY_RATIO}",
            latency <= ASKED_LATENCY_RATIO,
        ),
        Finding(f"{CLIENTS} clients, requests a second", f"{served_rate:.2f}", "", None),
        Finding("offline in batches, clips a second", f"{offline_rate:.2f}", "", None),
        Finding("ratio of the rates", f"{rate:.2f}", f"≥ {ASKED_RATE_RATIO}", rate >= ASKED_RATE_RATIO),
    ]
    print_findings(f"POST /recommend, {TRACKS:,} tracks in the library", findings)
    heading = ("clip", "whole, ms", "receive", "decode", "features, encode", "search, catalogue", "whole / sum")
    print("\n" + markdown_table(heading, [_row(clip) for clip in times]))


def _row(clip: ClipTimes) -> list[str]:
    alone = [f"{getattr(clip.stages, part) * 1000:.0f}" for part in StageTimes.__slots__]
    return [clip.name, f"{clip.whole * 1000:.0f}", *alone, f"{clip.whole / clip.stages.total():.2f}"]


if __name__ == "__main__":
    main()

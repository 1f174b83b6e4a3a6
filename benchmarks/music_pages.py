"""How long `GET /music` takes for its first page and for one in the middle, and how long the facets, of 100,000 tracks.

    python -m benchmarks.music_pages [--tracks 100000]

A server over made-up tracks. The two pages of each listing are asked for in turn, so that whatever else the machine
does falls on both. Then the facets, in this process.
"""

import argparse
import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from app.catalogue.catalogue import Catalogue
from app.catalogue.cursors import cursor_below
from app.catalogue.engine import open_engine
from app.catalogue.reader import Reader
from app.filters import TrackFilter
from benchmarks.machine import Finding, markdown_table, print_findings
from benchmarks.made_up_library import fill_catalogue
from benchmarks.server import running_server

ASKED_RATIO, ASKED_FACETS_MS = 1.5, 150.0
TURNS = 101
LISTINGS: Mapping[str, dict[str, str]] = {
    "all": {},
    "one genre, a quarter of all": {"genre": "genre 0"},
    "one mood, a twentieth": {"mood": "mood 1"},
    "80 to 104 BPM, a fifth": {"bpm_min": "80", "bpm_max": "104"},
    "a word that one in thirteen has": {"q": "bala"},
    "genre, mood, BPM and a word": {"genre": "genre 0", "mood": "mood 1", "bpm_min": "80", "bpm_max": "160", "q": "b"},
}
FACETS: Mapping[str, TrackFilter] = {
    "all": TrackFilter(),
    "one genre": TrackFilter(genre=("genre 0",)),
    "80 to 104 BPM": TrackFilter(bpm_min=80, bpm_max=104),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="pages and facets of a large library")
    parser.add_argument("--tracks", type=int, default=100_000)
    tracks: int = parser.parse_args().tracks
    with tempfile.TemporaryDirectory(prefix="bgm-pages-") as temporary:
        data_dir = Path(temporary) / "data"
        fill_catalogue(data_dir, tracks=tracks)
        with running_server(data_dir, requests_per_minute="0") as server:
            pages = {name: _time_pages(server.url, query, middle=tracks // 2) for name, query in LISTINGS.items()}
        engine = open_engine(f"sqlite:///{data_dir.resolve() / 'catalogue.sqlite3'}")
        facets = _time_facets(Catalogue(engine))
        engine.dispose()
    print_findings(f"GET /music, {tracks:,} tracks", [*(_page_finding(*page) for page in pages.items()), *facets])
    heading = ("listing", "first page, ms", "in the middle, ms")
    rows = [(name, f"{first:.1f}", f"{middle:.1f}") for name, (first, middle) in pages.items()]
    print("\n" + markdown_table(heading, rows))


def _time_pages(url: str, query: Mapping[str, str], *, middle: int) -> tuple[float, float]:
    """Medians of the first page and of one in the middle, in milliseconds."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    paths = [f"/music?{urlencode({**query, **place})}" for place in ({}, {"cursor": cursor_below(middle)})]
    spent: tuple[list[float], list[float]] = ([], [])
    # The first turn warms files and caches and is not counted.
    for turn in range(1 + TURNS):
        for path, times in zip(paths, spent, strict=True):
            took_ms = _ask(connection, path)
            if turn:
                times.append(took_ms)
    connection.close()
    return statistics.median(spent[0]), statistics.median(spent[1])


def _ask(connection: http.client.HTTPConnection, path: str) -> float:
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    took_ms = (time.perf_counter() - began) * 1000
    if answer.status != HTTPStatus.OK or not json.loads(body)["items"]:
        raise SystemExit(f"GET {path} answered with {answer.status} {body[:200]!r}")
    return took_ms


def _time_facets(catalogue: Catalogue) -> list[Finding]:
    times = {name: _median_ms(catalogue, partial(Reader.facets, tracks=wanted)) for name, wanted in FACETS.items()}
    return [
        Finding(f"facets: {name}, ms", f"{took_ms:.0f}", f"≤ {ASKED_FACETS_MS:.0f}", took_ms <= ASKED_FACETS_MS)
        for name, took_ms in times.items()
    ]


def _median_ms(catalogue: Catalogue, ask: Callable[[Reader], object]) -> float:
    times = []
    for _ in range(1 + TURNS):
        began = time.perf_counter()
        with catalogue.reading() as reader:
            ask(reader)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[1:])


def _page_finding(name: str, medians: tuple[float, float]) -> Finding:
    first, middle = medians
    ratio = middle / first
    return Finding(f"page in the middle / first page: {name}", f"{ratio:.2f}", f"≤ {ASKED_RATIO}", ratio <= ASKED_RATIO)


if __name__ == "__main__":
    main()

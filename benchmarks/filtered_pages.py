"""How much longer a stored question takes with filters than without, over 100,000 tracks, in a real server.

    python -m benchmarks.filtered_pages [--tracks 100000]

One clip is sent once without words, and once with four that one track in twenty has each. Then its pages are asked
for: without filters, which were drawn with the upload; and with several sets of filters, each with a bound that no
request before it had, so that every ranking is drawn anew; and with pages further down of what was drawn. How many
tracks match is asked of `GET /music/facets`, and no answer may be shorter than that allows.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import case, update

from app.catalogue.engine import open_engine
from app.catalogue.tables import tracks
from benchmarks.clips import make_clips
from benchmarks.machine import Finding, print_findings
from benchmarks.made_up_library import RAREST_GENRE, WORDS, fill_catalogue
from benchmarks.server import running_server

ASKED_DIFFERENCE_MS = 15.0
TRACKS, LIMIT, TURNS = 100_000, 10, 25
Query = Mapping[str, str | int | float | list[str]]

STORED = "without filters, as drawn with the upload"
FURTHER = "half: tempo, a page further down"
# `turn` makes each request's filters its own.
FILTERS: Mapping[str, Callable[[int], Query]] = {
    "97 of 100 match: duration": lambda turn: {"duration_min": 30 + turn / 100},
    "half: tempo": lambda turn: {"bpm_min": 120 + turn / 1000},
    "a quarter: the most frequent genre, tempo": lambda turn: {"genre": "genre 0", "bpm_max": 170 + turn / 100},
    "a tenth: two moods, length": lambda turn: {"mood": ["mood 1", "mood 2"], "duration_max": 390 + turn / 100},
    "a tenth: the most frequent artist, date": lambda turn: {
        "artist": "artist 0",
        "added_after": f"2026-01-02T00:00:{turn:02d}Z",
    },
    "a twentieth: licence, no voices, not explicit, length": lambda turn: {
        "license": "cc0-1.0",
        "vocals": "false",
        "explicit": "false",
        "duration_min": 100 + turn / 100,
    },
    "a few hundred: a narrow tempo": lambda turn: {
        "bpm_min": round(100 + turn / 50, 2),
        "bpm_max": round(100.4 + turn / 50, 2),
    },
    "one: the rarest genre": lambda turn: {"genre": RAREST_GENRE, "duration_max": 500 + turn},
    "half, one track an artist": lambda turn: {"bpm_min": 110 + turn / 1000, "per_artist": 1},
}


@dataclass(frozen=True, slots=True)
class Asker:
    """One recommendation of a running server. Raises SystemExit where an answer is not what it must be."""

    client: httpx.Client
    recommendation_id: str

    def seconds(self, query: Query) -> float:
        """How long one page takes."""
        began = time.perf_counter()
        answer = self.client.get(f"/recommend/{self.recommendation_id}", params={"limit": LIMIT, **query})
        spent = time.perf_counter() - began
        if answer.status_code != httpx.codes.OK:
            raise SystemExit(f"{query}: {answer.text}")
        return spent

    def check_whole(self, query: Query) -> None:
        """That the page is as long as the number of matching tracks allows, and all of them match."""
        page = self.client.get(f"/recommend/{self.recommendation_id}", params={"limit": LIMIT, **query}).json()
        filters = {name: value for name, value in query.items() if name != "per_artist"}
        matching = self.client.get("/music/facets", params=filters).json()["total"]
        found = len(page["results"])
        if found != min(LIMIT, matching) or page["total"] != min(1000, matching):
            raise SystemExit(f"{query}: {found} results of {page['total']} drawn, where {matching} tracks match")


def main() -> None:
    parser = argparse.ArgumentParser(description="pages of a stored recommendation, with filters and without")
    parser.add_argument("--tracks", type=int, default=TRACKS, help=f"tracks in the library ({TRACKS})")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bgm-pages-") as temporary:
        data_dir = Path(temporary) / "data"
        fill_catalogue(data_dir, tracks=arguments.tracks)
        _settle_recordings(data_dir)
        clip = make_clips(Path(temporary) / "clips")[0]
        with running_server(data_dir) as server, httpx.Client(base_url=server.url, timeout=60) as client:
            silent = _asker(client, clip, {})
            spoken = _asker(client, clip, {"title": f"{WORDS[0]} {WORDS[1]}", "keywords": f"{WORDS[2]},{WORDS[3]}"})
            findings = [*_measured(silent, "no words"), *_measured(spoken, "four words")]
    print_findings(f"Pages of a stored recommendation, {arguments.tracks:,} tracks", findings)


def _settle_recordings(data_dir: Path) -> None:
    """As if the server had looked at all tracks already: one in a hundred is the same recording as the one before."""
    engine = open_engine(f"sqlite:///{data_dir / 'catalogue.sqlite3'}")
    number = tracks.c.number
    with engine.begin() as connection:
        connection.execute(update(tracks).values(recording=number - case((number % 100 == 0, 1), else_=0)))
    engine.dispose()


def _asker(client: httpx.Client, clip: Path, words: Mapping[str, str]) -> Asker:
    answer = client.post("/recommend", files={"video": (clip.name, clip.read_bytes())}, data=words)
    answer.raise_for_status()
    return Asker(client, answer.json()["id"])


def _measured(asker: Asker, name: str) -> list[Finding]:
    queries: dict[str, Callable[[int], Query]] = {
        STORED: lambda _: {},
        "without filters, drawn anew (so many tracks an artist)": lambda turn: {"per_artist": turn + 1},
        **FILTERS,
        FURTHER: lambda turn: {**FILTERS["half: tempo"](turn), "offset": 100 + 20 * turn},
    }
    spent: dict[str, list[float]] = {what: [] for what in queries}
    asker.seconds({})  # to warm it
    # In turn, so that whatever else the machine does meets all of them alike.
    for turn in range(TURNS):
        for what, query in queries.items():
            spent[what].append(asker.seconds(query(turn)) * 1000)
    for query in FILTERS.values():
        asker.check_whole(query(0))
    medians = {what: statistics.median(turns) for what, turns in spent.items()}
    more = statistics.median([one for what in FILTERS for one in spent[what]]) - medians[STORED]
    return [
        *(Finding(f"{name}: {what}", f"{median:.1f} ms", "", None) for what, median in medians.items()),
        Finding(
            f"{name}: all with filters, more than without",
            f"{more:.1f} ms",
            f"≤ {ASKED_DIFFERENCE_MS:.0f} ms",
            more <= ASKED_DIFFERENCE_MS,
        ),
    ]


if __name__ == "__main__":
    main()

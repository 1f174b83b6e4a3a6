"""Rankings for one or several videos: as JSON with the API's members, as CSV, or as tables. Asks nobody."""

import csv
import json
from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.errors import BgmError
from app.recommendation.media_folder import shown

# An answer as the API gives it, whoever gave it.
JsonObject = Mapping[str, Any]

PLAIN_TRACK_COLUMNS = ("id", "title", "artist", "genre", "duration_s", "bpm", "license", "attribution")
ADDRESS_COLUMNS = ("audio_url", "audio_path")
RANK_COLUMNS = ("rank", "score", "section_start_s", "section_end_s")
COLUMNS = ("video", "code", "reason", *RANK_COLUMNS, *PLAIN_TRACK_COLUMNS, "moods", *ADDRESS_COLUMNS)
TABLE_COLUMNS = {"#": "right", "score": "right", "title": "left", "artist": "left", "length": "right", "bpm": "right"}


@dataclass(frozen=True, slots=True)
class VideoOutcome:
    """What came out for one video: the answer, or why there is none."""

    path: Path
    outcome: JsonObject | BgmError


@dataclass(slots=True)
class Answers:
    """Filled as answers come. `folder`: what was asked about, None for a single video."""

    folder: Path | None
    given: list[VideoOutcome] = field(default_factory=list)

    def add(self, answer: VideoOutcome) -> None:
        insort(self.given, answer, key=lambda given: given.path)

    def failures(self) -> list[VideoOutcome]:
        return [answer for answer in self.given if isinstance(answer.outcome, BgmError)]

    def show_failures(self, console: Console) -> None:
        for answer in self.given:
            if isinstance(answer.outcome, BgmError):
                said = f"{self._name(answer)}: {answer.outcome.code}: {answer.outcome}"
                console.print(Text(said), soft_wrap=True)

    def show_tables(self, console: Console) -> None:
        for answer in self.given:
            if not isinstance(answer.outcome, BgmError):
                console.print(_table(self._name(answer), answer.outcome))

    def as_json(self) -> str:
        """One object; a list of them where a folder was asked about."""
        objects = [self._object(answer) for answer in self.given]
        whole = objects if self.folder is not None or not objects else objects[0]
        return json.dumps(whole, ensure_ascii=False, indent=2)

    def as_csv(self) -> str:
        """One line a match, or one with the error where a video has none."""
        lines = StringIO()
        writer = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for answer in self.given for row in self._rows(answer))
        return lines.getvalue().removesuffix("\n")

    def _name(self, answer: VideoOutcome) -> str:
        return shown(answer.path if self.folder is None else answer.path.relative_to(self.folder))

    def _object(self, answer: VideoOutcome) -> JsonObject:
        name, found = self._name(answer), answer.outcome
        if isinstance(found, BgmError):
            return {"file": name, "code": found.code, "detail": str(found)}
        return {"file": name, **found}

    def _rows(self, answer: VideoOutcome) -> list[JsonObject]:
        name, found = self._name(answer), answer.outcome
        if isinstance(found, BgmError):
            return [{"video": name, "code": found.code, "reason": str(found)}]
        return [{"video": name, **_row(result)} for result in found["results"]]


def _row(result: JsonObject) -> JsonObject:
    track, section = result["track"], result["section"] or {}
    return {
        "rank": result["rank"],
        "score": result["score"],
        "section_start_s": section.get("start_s"),
        "section_end_s": section.get("end_s"),
        **{name: track.get(name) for name in (*PLAIN_TRACK_COLUMNS, *ADDRESS_COLUMNS)},
        "moods": ";".join(track["moods"]),
    }


def _table(name: str, found: JsonObject) -> Table:
    table = Table(title=Text(name), title_justify="left")
    for heading, side in TABLE_COLUMNS.items():
        table.add_column(heading, justify="right" if side == "right" else "left")
    table.add_column("license")
    for result in found["results"]:
        table.add_row(*map(Text, _cells(result)))
    if not found["results"]:
        table.caption = "the library has no tracks yet; `bgm import FOLDER` puts some in"
    return table


def _cells(result: JsonObject) -> list[str]:
    track = result["track"]
    minutes, seconds = divmod(round(track["duration_s"]), 60)
    tempo = f"{track['bpm']:.0f}" if track["bpm"] is not None else ""
    named = [shown(track["title"] or track["id"]), shown(track["artist"] or "")]
    length, license_name = f"{minutes}:{seconds:02d}", shown(track["license"] or "")
    return [str(result["rank"]), f"{result['score']:.3f}", *named, length, tempo, license_name]

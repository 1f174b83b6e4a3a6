"""Rankings for one or several videos: as JSON with the API's fields, as CSV, or as tables. Asks nobody."""

import csv
import json
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.domain import Track
from app.errors import BgmError
from app.recommendation.media_folder import shown
from app.recommendation.rank import RankedTrack
from app.recommendation.recommend import Recommendation
from app.recommendation.recommend_videos import VideoAnswer

TRACK_COLUMNS = ("id", "title", "artist", "duration_s", "bpm", "moods", "license", "attribution", "audio_path")
COLUMNS = ("video", "code", "reason", "rank", "score", *TRACK_COLUMNS)
TABLE_COLUMNS = {"#": "right", "score": "right", "title": "left", "artist": "left", "length": "right", "bpm": "right"}


@dataclass(slots=True)
class Answers:
    """Filled as answers come. `folder`: what was asked about, None for a single video. `encoder` and `digest` name
    the checkpoint; `audio_path` says where a track's file lies, for which the API has an address."""

    folder: Path | None
    encoder: str
    digest: str
    audio_path: Callable[[Track], Path]
    given: list[VideoAnswer] = field(default_factory=list)

    def add(self, answer: VideoAnswer) -> None:
        insort(self.given, answer, key=lambda given: given.path)

    def failures(self) -> list[VideoAnswer]:
        return [answer for answer in self.given if isinstance(answer.outcome, BgmError)]

    def show_failures(self, console: Console) -> None:
        for answer in self.failures():
            code = answer.outcome.code if isinstance(answer.outcome, BgmError) else ""
            console.print(Text(f"{self._name(answer)}: {code}: {answer.outcome}"), soft_wrap=True)

    def show_tables(self, console: Console) -> None:
        for answer in self.given:
            if isinstance(answer.outcome, Recommendation):
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

    def _name(self, answer: VideoAnswer) -> str:
        return shown(answer.path if self.folder is None else answer.path.relative_to(self.folder))

    def _object(self, answer: VideoAnswer) -> dict[str, Any]:
        name, found = self._name(answer), answer.outcome
        if isinstance(found, BgmError):
            return {"file": name, "code": found.code, "detail": str(found)}
        info = found.encoded.info
        size = (info.video.width, info.video.height) if info.video else (0, 0)
        return {
            "file": name,
            "encoder": {"name": self.encoder, "digest": self.digest},
            "video": {
                "duration_s": round(info.duration_s, 3),
                "width": size[0],
                "height": size[1],
                "frames": found.encoded.frame_count,
            },
            "text_used": found.encoded.text_used,
            "library_size": found.library_size,
            "results": [
                {"rank": ranked.rank, "score": round(ranked.score, 6), "track": self._track(ranked.track)}
                for ranked in found.results
            ],
            "timing_ms": {stage: round(spent, 1) for stage, spent in found.timing_ms.items()},
        }

    def _track(self, track: Track) -> dict[str, Any]:
        details = track.details
        return {
            "id": track.id,
            "title": details.title,
            "artist": details.artist,
            "duration_s": track.duration_s,
            "bpm": details.bpm,
            "moods": list(details.moods),
            "license": details.license,
            "attribution": details.attribution,
            "audio_path": str(self.audio_path(track)),
        }

    def _rows(self, answer: VideoAnswer) -> list[dict[str, Any]]:
        name, found = self._name(answer), answer.outcome
        if isinstance(found, BgmError):
            return [{"video": name, "code": found.code, "reason": str(found)}]
        return [{"video": name, **self._row(ranked)} for ranked in found.results]

    def _row(self, ranked: RankedTrack) -> dict[str, Any]:
        moods = ";".join(ranked.track.details.moods)
        return {"rank": ranked.rank, "score": round(ranked.score, 6), **self._track(ranked.track), "moods": moods}


def _table(name: str, found: Recommendation) -> Table:
    table = Table(title=Text(name), title_justify="left")
    for heading, side in TABLE_COLUMNS.items():
        table.add_column(heading, justify="right" if side == "right" else "left")
    table.add_column("license")
    for ranked in found.results:
        table.add_row(*map(Text, _cells(ranked)))
    if not found.results:
        table.caption = "the library has no tracks yet; `bgm import FOLDER` puts some in"
    return table


def _cells(ranked: RankedTrack) -> list[str]:
    track, details = ranked.track, ranked.track.details
    minutes, seconds = divmod(round(track.duration_s), 60)
    tempo = f"{details.bpm:.0f}" if details.bpm is not None else ""
    named = [details.title or track.file_name, details.artist or ""]
    return [str(ranked.rank), f"{ranked.score:.3f}", *named, f"{minutes}:{seconds:02d}", tempo, details.license or ""]

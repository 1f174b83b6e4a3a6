"""Recommendations for one or several videos, as a table, as JSON with the API's fields, or as CSV. Asks nobody."""

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.domain import Track
from app.errors import BgmError
from app.recommendation.rank import RankedTrack
from app.recommendation.recommend import Recommendation

CSV_COLUMNS = (
    "video",
    "code",
    "reason",
    "rank",
    "score",
    "id",
    "title",
    "artist",
    "duration_s",
    "bpm",
    "moods",
    "license",
    "attribution",
    "audio_path",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out for one video; `video` is its name as it is shown."""

    video: str
    outcome: Recommendation | BgmError


@dataclass(frozen=True, slots=True)
class Rendering:
    """What an answer says beside itself: the encoder, and where a track's file lies (the API has an address there)."""

    encoder: str
    digest: str
    audio_path: Callable[[Track], Path]

    def json_of(self, answer: Answer) -> dict[str, Any]:
        if isinstance(answer.outcome, BgmError):
            return {"file": answer.video, "code": answer.outcome.code, "detail": str(answer.outcome)}
        found, info = answer.outcome, answer.outcome.encoded.info
        return {
            "file": answer.video,
            "encoder": {"name": self.encoder, "digest": self.digest},
            "video": {
                "duration_s": info.duration_s,
                "width": info.video.width if info.video else None,
                "height": info.video.height if info.video else None,
                "frames": found.encoded.frame_count,
            },
            "text_used": found.encoded.text_used,
            "library_size": found.library_size,
            "results": [self._result(ranked) for ranked in found.results],
            "timing_ms": {stage: round(spent, 1) for stage, spent in found.timing_ms.items()},
        }

    def rows_of(self, answer: Answer) -> list[dict[str, Any]]:
        """Rows for CSV: one a match, or one with the error."""
        if isinstance(answer.outcome, BgmError):
            return [{"video": answer.video, "code": answer.outcome.code, "reason": str(answer.outcome)}]
        return [self._row(answer.video, ranked) for ranked in answer.outcome.results]

    def _result(self, ranked: RankedTrack) -> dict[str, Any]:
        track, details = ranked.track, ranked.track.details
        return {
            "rank": ranked.rank,
            "score": round(ranked.score, 4),
            "track": {
                "id": track.id,
                "title": details.title,
                "artist": details.artist,
                "duration_s": track.duration_s,
                "bpm": details.bpm,
                "moods": list(details.moods),
                "license": details.license,
                "attribution": details.attribution,
                "audio_path": str(self.audio_path(track)),
            },
        }

    def _row(self, video: str, ranked: RankedTrack) -> dict[str, Any]:
        result = self._result(ranked)
        flat = {**result["track"], "moods": ";".join(ranked.track.details.moods)}
        return {"video": video, "rank": result["rank"], "score": result["score"], **flat}


def as_json(answers: Sequence[Answer], rendering: Rendering, *, is_list: bool) -> str:
    """One object, or a list of them where a folder was asked about."""
    objects = [rendering.json_of(answer) for answer in answers]
    return json.dumps(objects if is_list else objects[0], ensure_ascii=False, indent=2)


def as_csv(answers: Sequence[Answer], rendering: Rendering) -> str:
    lines = StringIO()
    writer = csv.DictWriter(lines, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for answer in answers for row in rendering.rows_of(answer))
    return lines.getvalue().removesuffix("\n")


def show_answer(answer: Answer, console: Console) -> None:
    """A table of the matches; what went wrong is told elsewhere, beside the answers."""
    if isinstance(answer.outcome, BgmError):
        return
    table = Table(title=Text(answer.video), title_justify="left")
    for heading in ("#", "score", "title", "artist", "length", "bpm", "license"):
        table.add_column(heading, justify="right" if heading in {"#", "score", "length", "bpm"} else "left")
    for ranked in answer.outcome.results:
        table.add_row(*map(Text, _cells(ranked)))
    console.print(table)


def _cells(ranked: RankedTrack) -> list[str]:
    track, details = ranked.track, ranked.track.details
    minutes, seconds = divmod(round(track.duration_s), 60)
    tempo = f"{details.bpm:.0f}" if details.bpm is not None else ""
    named = [details.title or track.file_name, details.artist or ""]
    return [str(ranked.rank), f"{ranked.score:.3f}", *named, f"{minutes}:{seconds:02d}", tempo, details.license or ""]

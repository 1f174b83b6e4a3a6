"""What an import did, for a person at a terminal and for a program that reads the report. Knows no library."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from app.errors import InvalidParameter
from app.recommendation.import_folder import Outcome

COLUMNS = ("file", "result", "code", "reason", "id")
RESULTS = ("added", "present", "refused", "skipped")
REPORT_ENDINGS = (".json", ".csv")


@dataclass(slots=True)
class ImportReport:
    """Filled while the import runs, so that it can be told and written whenever the import ends."""

    outcomes: list[Outcome] = field(default_factory=list)
    unlisted: Sequence[str] = ()

    def of(self, result: str) -> list[Outcome]:
        return sorted((outcome for outcome in self.outcomes if outcome.result == result), key=lambda done: done.file)

    def summary(self) -> str:
        added, present, refused, skipped = (len(self.of(result)) for result in RESULTS)
        minutes = sum(outcome.track.duration_s for outcome in self.of("added") if outcome.track) / 60
        return (
            f"added {added} ({minutes:.0f} min of music), already there {present}, refused {refused}, skipped {skipped}"
        )

    def show(self, console: Console) -> None:
        """The summary, and why each file was refused. Skipped and unlisted files are told by their number and names
        of a few: a photo beside each album is no news."""
        for refused in self.of("refused"):
            console.print(Text(f"{refused.file}: {refused.code}: {refused.reason}"), soft_wrap=True)
        _few(console, "skipped", [f"{skipped.file} ({skipped.reason})" for skipped in self.of("skipped")])
        _few(console, "without a row in the list", list(self.unlisted))
        console.print(Text(self.summary()), soft_wrap=True)

    def write(self, path: Path) -> None:
        """As JSON or CSV, by the ending of `path`. Raises InvalidParameter where it cannot be written."""
        text = self._as_json() if path.suffix.lower() == ".json" else self._as_csv()
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InvalidParameter(parameter="report", reason=f"{path} cannot be written: {error.strerror}") from error

    def _as_json(self) -> str:
        document: dict[str, object] = {result: len(self.of(result)) for result in RESULTS}
        document |= {"files": self._rows(), "without_row": list(self.unlisted)}
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

    def _as_csv(self) -> str:
        lines = StringIO()
        writer = csv.DictWriter(lines, COLUMNS)
        writer.writeheader()
        writer.writerows(self._rows())
        return lines.getvalue()

    def _rows(self) -> list[dict[str, str | None]]:
        ordered = sorted(self.outcomes, key=lambda outcome: outcome.file)
        return [
            {
                "file": outcome.file,
                "result": outcome.result,
                "code": outcome.code,
                "reason": outcome.reason,
                "id": outcome.track.id if outcome.track else None,
            }
            for outcome in ordered
        ]


def check_report_path(path: Path) -> None:
    """Raises InvalidParameter for a report that could not be written when the work is done."""
    if path.suffix.lower() not in REPORT_ENDINGS:
        raise InvalidParameter(parameter="report", reason=f"{path} must end in {' or '.join(REPORT_ENDINGS)}")
    if not path.parent.is_dir():
        raise InvalidParameter(parameter="report", reason=f"there is no folder {path.parent}")


def _few(console: Console, what: str, names: list[str], *, at_most: int = 5) -> None:
    if names:
        more = f", and {len(names) - at_most} more" if len(names) > at_most else ""
        console.print(Text(f"{what}: {', '.join(names[:at_most])}{more}"), soft_wrap=True)

"""What became of a library's tracks on the way to another checkpoint, for a person at a terminal."""

from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.text import Text

from app.recommendation.reembed import TrackDone


@dataclass(slots=True)
class ReembedReport:
    tracks: list[TrackDone] = field(default_factory=list)

    def failed(self) -> list[TrackDone]:
        return [done for done in self.tracks if done.failure is not None]

    def show(self, console: Console, *, checkpoint: Path, is_switched: bool, left: int) -> None:
        """`left`: how many tracks have no embedding for the new checkpoint yet."""
        for done in self.failed():
            named = done.track.details.title or done.track.file_name
            console.print(Text(f"{done.track.id} ({named}): {done.failure}"), soft_wrap=True)
        embedded = len(self.tracks) - len(self.failed())
        if is_switched:
            say = f"embedded {embedded} tracks; a running server changes over by itself, and the next one is started "
            say += f"without BGM_CHECKPOINT, or with BGM_CHECKPOINT={checkpoint.resolve()}"
        elif self.failed():
            say = f"embedded {embedded} tracks, {left} are left, so the library keeps its checkpoint: import the files "
            say += "named above again or delete their tracks, then run the same command once more"
        else:
            say = f"embedded {embedded} tracks, {left} are left; run the same command again to go on"
        console.print(Text(say), soft_wrap=True)

from io import StringIO
from pathlib import Path

from rich.console import Console

from app.errors import UnreadableMedia
from app.recommendation.reembed import TrackDone
from app.terminal.reembed_report import ReembedReport
from tests.terminal.made_up import a_track

GOOD = TrackDone(a_track(1))
BAD = TrackDone(a_track(2), UnreadableMedia(reason="it is missing"))


def printed(*tracks: TrackDone, is_switched: bool, left: int) -> str:
    text = StringIO()
    console = Console(file=text, width=400)
    ReembedReport(list(tracks)).show(console, checkpoint=Path("/new"), is_switched=is_switched, left=left)
    return text.getvalue()


def test_after_the_switch_it_says_how_to_start_the_server() -> None:
    assert "BGM_CHECKPOINT=/new" in printed(GOOD, is_switched=True, left=0)


def test_a_track_that_failed_is_named_and_the_old_checkpoint_stays() -> None:
    text = printed(GOOD, BAD, is_switched=False, left=1)

    assert f"{BAD.track.id} (Night drive): the file cannot be read: it is missing" in text
    assert "embedded 1 tracks, 1 are left, so the library keeps its checkpoint" in text


def test_a_stopped_run_says_how_to_go_on() -> None:
    assert "run the same command again" in printed(GOOD, is_switched=False, left=7)

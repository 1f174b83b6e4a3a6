from pathlib import Path

import pytest

from app.encoders.checkpoint import save_checkpoint
from app.encoders.signal_music import FEATURE_NAMES as MUSIC_FEATURES
from app.encoders.signal_video import FEATURE_NAMES as VIDEO_FEATURES
from tests.encoders.checkpoints import small_model, small_spec
from tests.media_files import Film, tone, write_sound, write_text, write_video
from training import real_check


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """One that says it has seen every value from 0 on, and none below."""
    ranges = {
        side: {"least": [0.0] * len(names), "greatest": [1e9] * len(names)}
        for side, names in (("video", VIDEO_FEATURES), ("music", MUSIC_FEATURES))
    }
    spec = small_spec().model_copy(update={"about": {"feature_range": ranges}})
    save_checkpoint(tmp_path / "checkpoint", spec, small_model(spec))
    return tmp_path / "checkpoint"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    for folder in ("video", "music"):
        (tmp_path / "media" / folder).mkdir(parents=True)
    write_video(tmp_path / "media" / "video" / "one.mp4", Film(seconds=1.0))
    write_video(tmp_path / "media" / "video" / "two.mp4", Film(seconds=1.5))
    write_text(tmp_path / "media" / "video" / "notes.mp4")
    for number in range(5):
        pitch = tone(2.5, frequency_hz=110.0 * (number + 1))
        write_sound(tmp_path / "media" / "music" / f"{number}.flac", samples=pitch)
    return tmp_path / "media"


def test_every_readable_video_is_shown_with_its_first_tracks(
    checkpoint: Path, media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real_check.main([str(checkpoint), str(media)])
    shown = capsys.readouterr()
    rows = [line for line in shown.out.splitlines() if line.startswith(("| one.mp4", "| two.mp4"))]
    assert len(rows) == 2
    assert all(f"{number}.flac" in row for row in rows for number in range(5))
    assert "left out: notes.mp4" in shown.err
    assert "2 videos and 5 tracks" in shown.out
    assert "of 100 % of the videos" in shown.out


def test_features_outside_what_training_saw_are_named(
    checkpoint: Path, media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real_check.main([str(checkpoint), str(media)])
    out = capsys.readouterr().out
    # A level in dB of full scale is below 0, and training says it saw nothing below 0.
    assert "loudness_db_mean" in out
    assert "Video features of 2 files" in out
    assert "Music features of 5 files" in out


def test_a_checkpoint_that_does_not_tell_what_training_saw_is_checked_for_hubs_all_the_same(
    tmp_path: Path, media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = small_spec()
    save_checkpoint(tmp_path / "checkpoint", spec, small_model(spec))
    real_check.main([str(tmp_path / "checkpoint"), str(media)])
    out = capsys.readouterr().out
    assert "Hubs, 2 videos and 5 tracks" in out
    assert "Video features: the checkpoint does not tell" in out

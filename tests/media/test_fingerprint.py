import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.domain import Float32Array
from app.errors import MediaError
from app.media.ffmpeg import Stopped
from app.media.fingerprint import LISTENED_S, Fingerprint, can_fingerprint, demuxer_of, take_fingerprint
from tests.media_files import tone, write_sound, write_text

ROOT = Path(__file__).parent.parent.parent
RATE_HZ = 22_050
needs_chromaprint = pytest.mark.skipif(not can_fingerprint(), reason="there is no ffmpeg with chromaprint here")


def tune(seed: int, *, seconds: float = 40.0) -> Float32Array:
    """Chords of three notes, four a second."""
    rng = np.random.default_rng(seed)
    chords = [
        sum(tone(0.25, rate_hz=RATE_HZ, frequency_hz=hz, amplitude=0.15) for hz in rng.uniform(110, 1760, 3))
        for _ in range(round(4 * seconds))
    ]
    return np.concatenate(chords).astype(np.float32)


def take(path: Path, container: str) -> Fingerprint:
    return take_fingerprint(path, container, path.with_suffix(".taken"), is_unwanted=lambda: False)


def differing(one: Fingerprint, other: Fingerprint) -> float:
    """The share of bits, value by value."""
    shorter = min(len(one), len(other))
    return float(np.bitwise_count(one[:shorter] ^ other[:shorter]).mean() / 32)


@needs_chromaprint
def test_a_fingerprint_hardly_changes_with_the_codec_and_is_another_for_other_music(tmp_path: Path) -> None:
    flac = write_sound(tmp_path / "a.flac", rate_hz=RATE_HZ, samples=tune(1))
    mp3 = write_sound(tmp_path / "a.mp3", codec="libmp3lame", rate_hz=RATE_HZ, samples=tune(1))
    m4a = write_sound(tmp_path / "a.m4a", codec="aac", rate_hz=RATE_HZ, samples=tune(1))
    other = write_sound(tmp_path / "b.flac", rate_hz=RATE_HZ, samples=tune(2))
    whole = take(flac, "flac")
    assert whole.dtype == np.uint32
    assert len(whole) == pytest.approx(40 / 0.1238, abs=25)
    assert differing(whole, take(mp3, "mp3")) < 0.1
    assert differing(whole, take(m4a, "mp4")) < 0.1
    assert differing(whole, take(other, "flac")) > 0.35


@needs_chromaprint
def test_only_the_beginning_of_a_long_file_is_listened_to(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "long.flac", rate_hz=8000, samples=tone(LISTENED_S + 60, rate_hz=8000))
    assert len(take(path, "flac")) == pytest.approx(LISTENED_S / 0.1238, abs=40)


@needs_chromaprint
def test_too_little_sound_has_an_empty_fingerprint(tmp_path: Path) -> None:
    assert len(take(write_sound(tmp_path / "short.flac", seconds=1.0), "flac")) == 0


@needs_chromaprint
def test_a_file_that_is_opened_as_what_it_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        take(write_text(tmp_path / "text.mp3"), "mp3")
    with pytest.raises(MediaError):
        take(write_sound(tmp_path / "a.flac"), "ogg")


@needs_chromaprint
def test_what_is_not_wanted_any_more_is_stopped(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.flac")
    with pytest.raises(Stopped):
        take_fingerprint(path, "flac", tmp_path / "taken", is_unwanted=lambda: True)


def test_without_the_program_there_are_no_fingerprints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not can_fingerprint()


def test_an_ffmpeg_without_chromaprint_takes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "ffmpeg"
    plain.write_text("#!/bin/sh\necho ' E flac  raw FLAC'\n")
    plain.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not can_fingerprint()


@pytest.mark.parametrize(
    ("container", "demuxer"),
    [("mp4", "mov"), ("mov", "mov"), ("webm", "matroska"), ("mkv", "matroska"), ("ogg", "ogg"), ("wma/asf", "asf")],
)
def test_every_container_that_probe_names_has_its_demuxer(container: str, demuxer: str) -> None:
    assert demuxer_of(container) == demuxer


def test_fingerprints_load_no_media_library() -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, app.inference.fingerprints; print(*({'av', 'cv2', 'torch', 'tinytag'} & sys.modules.keys()))",
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert told.stdout.strip() == ""

"""Recordings told apart by ear: made-up tunes in real files, with fingerprints by the ffmpeg program."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.domain import Float32Array
from app.inference.fingerprints import Fingerprints
from app.media.fingerprint import can_fingerprint
from app.recommendation.library import Library
from app.recommendation.recordings import look_for_recordings
from tests.fake_pool import embedding_of
from tests.media_files import tone, write_sound
from tests.recommendation.tracks_at_hand import new_track

pytestmark = pytest.mark.skipif(not can_fingerprint(), reason="there is no ffmpeg with chromaprint here")
RATE_HZ = 22_050
SECONDS = 45.0


def tune(seed: int) -> Float32Array:
    """Chords of three notes, four a second."""
    rng = np.random.default_rng(seed)
    chords = [
        sum(tone(0.25, rate_hz=RATE_HZ, frequency_hz=hz, amplitude=0.15) for hz in rng.uniform(110, 1760, 3))
        for _ in range(round(4 * SECONDS))
    ]
    return np.concatenate(chords).astype(np.float32)


def add(library: Library, path: Path, *, container: str, duration_s: float) -> int:
    """A track with the one embedding that all here have; its number."""
    content = path.read_bytes()
    new = replace(new_track(content), container=container, duration_s=duration_s)
    with library.blobs.new_upload() as upload:
        upload.write_bytes(content)
        library.blobs.put(upload, hashlib.sha256(content).hexdigest())
    with library.catalogue.writing() as queries:
        return queries.add_track(new, digest=library.digest, embedding=embedding_of(b"any")).number


def test_copies_cuts_and_remasters_are_one_recording_and_another_tune_is_not(library: Library, tmp_path: Path) -> None:
    sound = tune(1)
    cut = sound[round(0.3 * len(sound)) :]
    louder = np.tanh(3 * np.diff(sound, prepend=np.float32(0)) + 2 * sound).astype(np.float32)
    wholes = {"a.flac": "flac", "b.mp3": "libmp3lame", "c.opus": "opus"}
    files = [
        *(
            write_sound(tmp_path / name, codec=codec, rate_hz=48_000, samples=at_48_khz(sound))
            for name, codec in wholes.items()
        ),
        write_sound(tmp_path / "louder.flac", rate_hz=RATE_HZ, samples=louder),
        write_sound(tmp_path / "cut.ogg", codec="vorbis", rate_hz=RATE_HZ, channels=2, samples=cut),
        write_sound(tmp_path / "other.flac", rate_hz=RATE_HZ, samples=tune(2)),
    ]
    containers = ["flac", "mp3", "ogg", "flac", "ogg", "flac"]
    durations_s = [SECONDS] * 4 + [0.7 * SECONDS, SECONDS]
    numbers = [
        add(library, path, container=container, duration_s=duration_s)
        for path, container, duration_s in zip(files, containers, durations_s, strict=True)
    ]
    look_for_recordings(library, fingerprinter=Fingerprints(), is_unwanted=lambda: False)
    with library.catalogue.reading() as queries:
        found = queries.tracks(numbers)
    groups = [found[number].recording for number in numbers]
    assert groups == [numbers[0]] * 5 + [numbers[5]]


def at_48_khz(sound: Float32Array) -> Float32Array:
    """Opus knows few rates."""
    times = np.arange(round(len(sound) * 48_000 / RATE_HZ)) * (RATE_HZ / 48_000)
    resampled: Float32Array = np.interp(times, np.arange(len(sound)), sound).astype(np.float32)
    return resampled

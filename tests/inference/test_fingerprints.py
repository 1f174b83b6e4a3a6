import logging
from pathlib import Path

import pytest

from app.inference import fingerprints
from app.inference.fingerprints import Fingerprints, available_fingerprints
from app.media.fingerprint import can_fingerprint
from tests.media_files import write_sound

needs_chromaprint = pytest.mark.skipif(not can_fingerprint(), reason="there is no ffmpeg with chromaprint here")


@needs_chromaprint
def test_a_fingerprint_is_taken_unless_it_is_unwanted(tmp_path: Path) -> None:
    path, output = write_sound(tmp_path / "a.flac", seconds=12.0), tmp_path / "output"
    taken = Fingerprints().take(path, "flac", output, is_unwanted=lambda: False)
    assert taken is not None
    assert len(taken) > 50
    assert Fingerprints().take(path, "flac", output, is_unwanted=lambda: True) is None


def test_that_no_fingerprints_can_be_taken_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fingerprints, "can_fingerprint", lambda: False)
    with caplog.at_level(logging.WARNING):
        assert available_fingerprints() is None
    [line] = caplog.records
    assert "chromaprint" in line.getMessage()


def test_where_they_can_be_taken_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fingerprints, "can_fingerprint", lambda: True)
    with caplog.at_level(logging.WARNING):
        assert available_fingerprints() is not None
    assert caplog.records == []

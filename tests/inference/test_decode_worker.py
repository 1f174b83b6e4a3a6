from pathlib import Path

import pytest

from app.domain import FramePlan, MediaLimits, SoundPlan
from app.errors import UnreadableMedia
from app.inference import decode_worker
from app.inference.decode_worker import decode
from app.inference.jobs import DecoderSetup, DecodeTrack, DecodeVideo

LIMITS = MediaLimits(max_duration_s=60)
SETUP = DecoderSetup(
    FramePlan(4, 32, 32, "stretch", "area", motion_instants=0, frame_budget=0),
    SoundPlan(rate_hz=8000, windows=2, window_samples=8000),
    LIMITS,
    LIMITS,
)


@pytest.mark.parametrize("kind", [DecodeVideo, DecodeTrack])
def test_a_file_that_needs_more_memory_than_there_is_is_refused_and_no_defect(
    kind: type[DecodeVideo | DecodeTrack], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(decode_worker, "probe", no_memory)
    with pytest.raises(UnreadableMedia, match="memory"):
        decode(kind(tmp_path / "file", tmp_path / "output"), SETUP)

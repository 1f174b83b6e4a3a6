from fractions import Fraction

import av
import numpy as np
import pytest

from app.domain import Float32Array
from app.media.sound_filters import LoudnessMeter, MonoPipe, SteadyForm
from tests.media_files import tone

RATE_HZ = 48_000


def frames(planes: Float32Array, layout: str, *, rate_hz: int = RATE_HZ) -> list[av.AudioFrame]:
    made = []
    for start in range(0, planes.shape[1], 4096):
        part = np.ascontiguousarray(planes[:, start : start + 4096])
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
        made.append(frame)
    return made


def mono(planes: Float32Array, layout: str, *, rate_hz: int = RATE_HZ, only_first: bool = False) -> Float32Array:
    sound = frames(planes, layout)
    pipe = MonoPipe(sound[0], rate_hz=rate_hz, only_first=only_first)
    return np.concatenate([chunk for frame in [*sound, None] for chunk in pipe.push(frame)])


def loudness(planes: Float32Array, layout: str, *, rate_hz: int = RATE_HZ) -> float | None:
    sound = frames(planes, layout, rate_hz=rate_hz)
    meter = LoudnessMeter(sound[0])
    for frame in [*sound, None]:
        meter.push(frame)
    return meter.loudness_lufs()


def sine(level_db: float, seconds: float, *, rate_hz: int = RATE_HZ) -> Float32Array:
    return tone(seconds, rate_hz=rate_hz, frequency_hz=1000.0, amplitude=10 ** (level_db / 20))


@pytest.mark.parametrize(
    ("layout", "shares"),
    [
        ("mono", [1.0]),
        ("stereo", [0.5, 0.5]),
        ("2 channels", [0.5, 0.5]),
        ("5.1", [0.207, 0.207, 0.293, 0.0, 0.146, 0.146]),
    ],
)
def test_the_mix_of_channels_is_what_the_documentation_says_and_cannot_clip(layout: str, shares: list[float]) -> None:
    heard = []
    for channel in range(len(shares)):
        planes = np.zeros((len(shares), RATE_HZ), np.float32)
        planes[channel] = 1.0
        heard.append(float(mono(planes, layout)[RATE_HZ // 2]))
    assert heard == pytest.approx(shares, abs=0.001)
    assert sum(heard) <= 1.001


def test_the_first_channel_alone_can_be_heard() -> None:
    planes = np.stack([tone(0.5, rate_hz=RATE_HZ), np.zeros(RATE_HZ // 2, np.float32)])
    assert np.abs(mono(planes, "stereo", only_first=True)).max() == pytest.approx(0.5, abs=0.01)


def test_another_rate_gives_the_same_tone_with_as_many_samples_as_its_time_needs() -> None:
    heard = mono(tone(2.0, rate_hz=RATE_HZ)[None], "mono", rate_hz=22_050)
    expected = tone(2.0, rate_hz=22_050)
    assert len(heard) == len(expected)
    assert np.abs(heard - expected)[100:-100].max() < 1e-3


# Signals and targets of EBU Tech 3341 (cases 1 to 4): 1 kHz in both channels, levels in dBFS.
@pytest.mark.parametrize(
    ("parts", "lufs"),
    [
        ([(-23, 20)], -23.0),
        ([(-33, 20)], -33.0),
        ([(-36, 10), (-23, 60), (-36, 10)], -23.0),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
    ],
)
def test_loudness_meets_the_targets_of_ebu_tech_3341(parts: list[tuple[float, float]], lufs: float) -> None:
    signal = np.concatenate([sine(level_db, seconds) for level_db, seconds in parts])
    assert loudness(np.stack([signal, signal]), "stereo") == pytest.approx(lufs, abs=0.1)


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 96_000])
def test_loudness_does_not_depend_on_the_sample_rate(rate_hz: int) -> None:
    signal = sine(-23, 5, rate_hz=rate_hz)
    assert loudness(np.stack([signal, signal]), "stereo", rate_hz=rate_hz) == pytest.approx(-23, abs=0.1)


def test_silence_and_less_than_a_block_have_no_loudness() -> None:
    assert loudness(np.zeros((1, RATE_HZ), np.float32), "mono") is None
    assert loudness(sine(-10, 0.2)[None], "mono") is None


def test_a_change_of_form_is_brought_back_to_the_first_one() -> None:
    first, second = frames(tone(0.1)[None], "mono", rate_hz=44_100), frames(np.ones((2, 4800), np.float32), "stereo")
    steady = SteadyForm(first[0], repair=False)
    out = [steadied for frame in [*first, *second] for steadied in steady.steadied(frame)]
    assert {(frame.layout.name, frame.sample_rate) for frame in out} == {("mono", 44_100)}
    assert [frame.pts for frame in out] == [0, *np.cumsum([frame.samples for frame in out])[:-1].tolist()]
    assert sum(frame.samples for frame in out) == pytest.approx(8820, abs=60)


def test_what_is_no_number_or_no_sound_becomes_silence() -> None:
    planes = np.array([[0.1, np.nan, np.inf, -np.inf, 1e30, 0.2]], np.float32)
    frame = frames(planes, "mono")[0]
    repaired = SteadyForm(frame, repair=True).steadied(frame)[0].to_ndarray()
    assert repaired.tolist() == pytest.approx(np.array([[0.1, 0, 0, 0, 0, 0.2]], np.float32))

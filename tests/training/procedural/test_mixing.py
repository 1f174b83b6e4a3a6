from dataclasses import replace

import librosa
import numpy as np
import pytest

from app.domain import Float32Array
from tests.training.procedural.views import factors_with
from training.procedural.composition import compose
from training.procedural.ensembles import ENSEMBLES
from training.procedural.loudness import loudness_lufs
from training.procedural.mixing import CEILING, record
from training.procedural.style import Style, draw_style

RATE_HZ = 22_050


def _style(ensemble: str, **levels: float) -> Style:
    return draw_style(factors_with(**levels), np.random.default_rng(0), ensemble=ensemble, is_complete=True)


def _recorded(style: Style, *, length_s: float = 12, channels: int = 1) -> Float32Array:
    return record(
        compose(style, np.random.default_rng(1), length_s=length_s), style, rate_hz=RATE_HZ, channels=channels
    )


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_every_ensemble_sounds_from_beginning_to_end_without_clipping(ensemble: str) -> None:
    sound = _recorded(_style(ensemble), length_s=8)[0]
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= CEILING + 1e-6
    seconds = sound[: len(sound) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ)[:-2]
    levels = np.sqrt((seconds**2).mean(axis=1))
    assert levels.min() > 0.02 * levels.max()


def test_a_mix_has_the_loudness_it_was_meant_to_have() -> None:
    style = replace(_style("chamber"), loudness_lufs=-20.0)
    assert loudness_lufs(_recorded(style), rate_hz=RATE_HZ) == pytest.approx(-20.0, abs=0.3)


def test_stereo_has_two_different_sides_of_about_one_level() -> None:
    sound = _recorded(_style("pop"), channels=2)
    assert sound.shape[0] == 2
    left, right = np.sqrt((sound**2).mean(axis=1))
    assert 0.6 < left / right < 1.7
    assert np.corrcoef(sound[0], sound[1]).item(1) < 0.98


@pytest.mark.parametrize("tempo_bpm", [84.0, 126.0])
def test_the_tempo_is_heard(tempo_bpm: float) -> None:
    style = replace(_style("house"), tempo_bpm=tempo_bpm, groove="four on the floor", swing=0.0)
    heard = float(np.ravel(librosa.feature.tempo(y=_recorded(style, length_s=20)[0], sr=RATE_HZ))[0])
    assert min(abs(heard / tempo_bpm - ratio) for ratio in (0.5, 1, 2)) < 0.06


def test_a_part_that_rests_most_of_the_time_is_not_blown_up() -> None:
    # Its level was once taken over the whole piece, so that one loud second drowned all the rest.
    style = replace(_style("pop", energy=0.6), form="build", loudness_lufs=-20.0)
    sound = _recorded(style, length_s=40)[0]
    seconds = sound[: len(sound) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ)[:-2]
    levels = np.sqrt((seconds**2).mean(axis=1))
    assert levels.max() < 6 * np.median(levels)


def test_a_long_note_of_a_held_instrument_does_not_break_off() -> None:
    style = replace(_style("ambient"), tempo_bpm=54.0, groove=None, legato=1.0, form="flat")
    quiet = replace(style, line_up=replace(style.line_up, lead=None, figure=None, chords=None, pad="warm pad"))
    sound = _recorded(quiet, length_s=16)[0]
    halves = sound[RATE_HZ : 14 * RATE_HZ].reshape(-1, RATE_HZ // 2)
    levels = np.sqrt((halves**2).mean(axis=1))
    assert levels.min() > 0.15 * levels.max()


def test_energy_and_light_are_heard() -> None:
    soft, loud = (_recorded(_style("pop", energy=level), length_s=8)[0] for level in (0.2, 0.8))
    assert np.sqrt((loud**2).mean()) > 2 * np.sqrt((soft**2).mean())
    dark, light = (_recorded(_style("pop", light=level), length_s=8)[0] for level in (0.1, 0.9))
    centre = [float(librosa.feature.spectral_centroid(y=sound, sr=RATE_HZ).mean()) for sound in (dark, light)]
    assert centre[1] > 1.3 * centre[0]

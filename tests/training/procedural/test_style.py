from dataclasses import astuple

import numpy as np
import pytest

from tests.training.procedural.views import factors_with
from training.procedural.correspondences import MODES_BY_WARMTH
from training.procedural.ensembles import ENSEMBLES
from training.procedural.style import Style, draw_style


def _styles(**levels: float) -> list[Style]:
    factors = factors_with(**levels)
    return [draw_style(factors, np.random.default_rng(seed)) for seed in range(60)]


def _mean(styles: list[Style], field: str) -> float:
    return float(np.mean([getattr(style, field) for style in styles]))


@pytest.mark.parametrize(
    ("factor", "field", "direction"),
    [
        ("pace", "tempo_bpm", 1),
        ("energy", "loudness_lufs", 1),
        ("light", "slope_db_per_octave", 1),
        ("height", "centre", 1),
        ("height", "bass_db", -1),
        ("tension", "dissonance", 1),
        ("density", "liveliness", 1),
        ("sharpness", "attack_s", -1),
        ("sharpness", "edge", 1),
        ("warmth", "legato", -1),
    ],
)
def test_a_factor_moves_what_it_should(factor: str, field: str, direction: int) -> None:
    low, high = (_styles(**{factor: value}) for value in (0.1, 0.9))
    spread = float(np.std([getattr(style, field) for style in low])) + 1e-6
    assert direction * (_mean(high, field) - _mean(low, field)) > 2 * spread


def test_warm_scenes_are_in_happier_modes() -> None:
    cold = [MODES_BY_WARMTH.index(style.mode) for style in _styles(warmth=0.15)]
    warm = [MODES_BY_WARMTH.index(style.mode) for style in _styles(warmth=0.85)]
    assert min(warm) > max(cold)


def test_crowded_scenes_have_more_players() -> None:
    def players(styles: list[Style]) -> float:
        return float(np.mean([sum(part is not None for part in astuple(style.line_up)) for style in styles]))

    assert players(_styles(density=0.95)) > players(_styles(density=0.05)) + 1


def test_someone_always_plays() -> None:
    for seed in range(200):
        levels = dict(
            zip(("density", "energy", "tension"), np.random.default_rng(seed).random(3).tolist(), strict=True)
        )
        style = draw_style(factors_with(**levels), np.random.default_rng(seed))
        assert style.line_up.lead or style.line_up.chords or style.line_up.pad or style.line_up.figure


def test_several_bands_and_keys_fit_one_scene() -> None:
    styles = _styles()
    assert len({style.ensemble for style in styles}) >= 5
    assert len({style.tonic for style in styles}) >= 8


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_every_ensemble_can_be_asked_for(ensemble: str) -> None:
    style = draw_style(factors_with(), np.random.default_rng(0), ensemble=ensemble, is_complete=True)
    assert style.ensemble == ensemble

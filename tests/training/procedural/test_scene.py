from dataclasses import astuple, replace

import numpy as np
import pytest

from training.procedural.scene import FACTOR_NAMES, NOISE, Factors, Scene, draw_scene, scene_of

MIDDLE = Factors(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [draw_scene(np.random.default_rng(seed)) for seed in range(3000)]


def test_the_same_seed_draws_the_same_scene_and_another_seed_another() -> None:
    drawn = [draw_scene(np.random.default_rng(seed)) for seed in (7, 7, 8)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_each_factor_is_spread_evenly_when_looked_at_alone(scenes: list[Scene]) -> None:
    rng = np.random.default_rng(0)
    values = np.array([astuple(scene.seen(rng).factors) for scene in scenes])
    quartiles = np.quantile(values, (0.25, 0.5, 0.75), axis=0)
    assert np.abs(quartiles - np.array([[0.25], [0.5], [0.75]])).max() < 0.04


def test_factors_hang_together_as_they_do_in_films(scenes: list[Scene]) -> None:
    correlation = np.corrcoef(np.array([scene.deviates for scene in scenes]).T)

    def of(one: str, other: str) -> float:
        return float(correlation[FACTOR_NAMES.index(one), FACTOR_NAMES.index(other)])

    assert of("pace", "energy") > 0.4
    assert of("warmth", "tension") < -0.3
    assert abs(of("pace", "light")) < 0.06


def test_two_sides_of_a_scene_agree_but_for_noise_of_their_own(scenes: list[Scene]) -> None:
    rng = np.random.default_rng(1)
    one, other = (np.array([astuple(scene.seen(rng).factors)[0] for scene in scenes]) for _ in range(2))
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(1 / (1 + NOISE**2), abs=0.03)


def test_in_a_library_of_a_thousand_several_scenes_are_about_as_near_as_the_own_one(scenes: list[Scene]) -> None:
    rng = np.random.default_rng(2)
    seen, heard = (np.array([astuple(scene.seen(rng).factors) for scene in scenes[:1000]]) for _ in range(2))
    distance = np.linalg.norm(seen[:, None] - heard[None], axis=2)
    about_as_near = (distance < 1.5 * distance.diagonal()[:, None]).sum(axis=1) - 1
    assert about_as_near.mean() > 2


def test_a_scene_made_of_factors_shows_them_without_noise() -> None:
    factors = replace(MIDDLE, pace=0.9, tension=0.1)
    seen = scene_of(factors).seen(np.random.default_rng(0), noise=0.0).factors
    assert astuple(seen) == pytest.approx(astuple(factors))

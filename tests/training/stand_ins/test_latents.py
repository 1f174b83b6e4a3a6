import numpy as np
import pytest

from training.stand_ins.latents import View, World, course

WORLD = World(kinds=12, width=16, own_spread=0.3, section_spread=0.2)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_centres_lie_a_deviation_of_one_apart_in_every_direction() -> None:
    centres = World(kinds=4_000, width=3, own_spread=0.3, section_spread=0.2).centres(rng())
    assert centres.shape == (4_000, 3)
    np.testing.assert_allclose(centres.std(axis=0), 1, atol=0.05)


def test_items_gather_around_their_kind_as_near_as_the_world_says() -> None:
    centre = WORLD.centres(rng())[3]
    items = np.stack([WORLD.item(centre, rng(seed)) for seed in range(500)])
    np.testing.assert_allclose((items - centre).std(), 0.3, atol=0.01)
    np.testing.assert_allclose((items - centre).mean(axis=0), 0, atol=0.06)


def test_an_item_has_four_to_eight_sections_around_itself() -> None:
    item = WORLD.item(WORLD.centres(rng())[0], rng(1))
    sections = [WORLD.sections(item, rng(seed)) for seed in range(100)]
    assert {len(states) for states in sections} == {4, 5, 6, 7, 8}
    np.testing.assert_allclose((np.concatenate(sections) - item).std(), 0.2, atol=0.01)


@pytest.mark.parametrize("rows", [1, 3, 200])
def test_a_course_goes_through_the_sections_in_order(rows: int) -> None:
    states = np.arange(6, dtype=np.float32)[:, None]
    path = course(states, rows, rng(2))
    assert path.shape == (rows, 1)
    assert (np.diff(path[:, 0]) >= 0).all()
    assert set(path[:, 0].tolist()) <= set(range(6))


def test_a_long_course_shows_every_section() -> None:
    path = course(np.arange(5, dtype=np.float32)[:, None], 2_000, rng(3))
    assert sorted(set(path[:, 0].tolist())) == [0, 1, 2, 3, 4]


def test_two_media_of_an_item_change_at_other_times() -> None:
    states, chance = np.arange(6, dtype=np.float32)[:, None], rng(4)
    first, second = (course(states, 240, chance) for _ in range(2))
    assert not np.array_equal(first, second)


def test_a_view_shows_one_state_always_alike_and_adds_noise_of_its_own() -> None:
    view = View.drawn(16, 400, noise=0.5, rng=rng(5))
    state = rng(6).normal(size=16).astype(np.float32)
    shown = View(view.weights, noise=0.0).of(state, rng(7))
    assert shown.dtype == np.float32
    assert np.array_equal(shown, View(view.weights, noise=0.0).of(state, rng(8)))
    np.testing.assert_allclose((view.of(state, rng(7)) - shown).std(), 0.5, atol=0.05)


def test_a_view_fills_the_range_of_tanh_without_saturating() -> None:
    view = View.drawn(16, 50, noise=0.0, rng=rng(5))
    shown = np.abs(view.of(WORLD.centres(rng()), rng()))
    assert 0.3 < np.median(shown) < 0.7
    assert (shown < 0.999).all()


def test_a_course_of_states_is_seen_row_by_row() -> None:
    view, states = View.drawn(16, 7, noise=0.0, rng=rng()), WORLD.centres(rng(1))
    assert view.of(states, rng()).shape == (12, 7)
    np.testing.assert_allclose(view.of(states, rng())[4], view.of(states[4], rng()), rtol=1e-5)

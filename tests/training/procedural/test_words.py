from collections import Counter
from dataclasses import replace

import numpy as np

from tests.training.procedural.test_scene import MIDDLE
from training.procedural.scene import Factors, scene_of
from training.procedural.words import draw_keywords, draw_title, vocabulary

CHASE = replace(MIDDLE, pace=0.97, energy=0.95, tension=0.8)
STILL = replace(MIDDLE, pace=0.03, energy=0.05, tension=0.2)


def keywords_of(factors: Factors, *, draws: int = 400) -> Counter[str]:
    rng = np.random.default_rng(5)
    view = scene_of(factors).seen(rng, noise=0.0)
    return Counter(word for _ in range(draws) for word in draw_keywords(view, rng))


def shared(one: Counter[str], other: Counter[str]) -> float:
    return sum((one & other).values()) / sum(one.values())


def test_there_are_hundreds_of_words_and_none_twice() -> None:
    words, directions = vocabulary()
    assert len(words) >= 400
    assert len(set(words)) == len(words)
    assert np.allclose(np.linalg.norm(directions, axis=1), 1, atol=1e-5)


def test_words_tell_a_chase_from_a_still_life() -> None:
    assert shared(keywords_of(CHASE), keywords_of(STILL)) < 0.35
    assert shared(keywords_of(CHASE), keywords_of(replace(CHASE, pace=0.93))) > 0.6


def test_some_words_come_from_anywhere_and_some_films_have_none() -> None:
    rng = np.random.default_rng(3)
    view = scene_of(CHASE).seen(rng, noise=0.0)
    drawn = [draw_keywords(view, rng) for _ in range(300)]
    assert 0 < sum(not words for words in drawn) < 90
    assert all(len(set(words)) == len(words) <= 8 for words in drawn)
    assert sum(draw_title(view, rng) is None for _ in range(300)) in range(1, 60)


def test_titles_are_never_empty_and_hold_no_open_places() -> None:
    rng = np.random.default_rng(4)
    view = scene_of(MIDDLE).seen(rng)
    titles = [title for title in (draw_title(view, rng) for _ in range(300)) if title is not None]
    assert all(title.strip() and "{" not in title for title in titles)

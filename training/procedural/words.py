"""Title and keywords for a scene, as people write them: often to the point, sometimes beside it, sometimes nothing."""

from dataclasses import astuple
from functools import lru_cache

import numpy as np

from app.domain import Float32Array
from training.procedural.scene import View
from training.procedural.vocabulary import FILLERS, GROUPS, LETTERS, SILENT_TITLES

# How strongly a word's fit decides (at 7 a perfect word is twenty thousand times as likely as its opposite), and how
# many of the words come from anywhere, as people tag what is beside the point.
FIT = 7.0
STRAY_SHARE = 0.06
TEMPLATES = (
    "{0}", "{0} {1}", "{0} and {1}", "{f} {0}", "{f} {0} {1}", "{0} - {1} {2}", "{0} | {f}", "{0} {1} {f}",
    "{f} {0} {f}", "{0}: {1}", "{0} in the {1}", "{f} {0} with {1}",
)  # fmt: skip


@lru_cache(maxsize=1)
def vocabulary() -> tuple[tuple[str, ...], Float32Array]:
    """All content words, and their directions among the factors, (words, factors) of unit length."""
    words, directions = [], []
    for profile, listed in GROUPS.items():
        direction = np.zeros(len(LETTERS), dtype=np.float32)
        for pull in profile.split():
            direction[LETTERS.index(pull[0])] = 1 if pull[1] == "+" else -1
        for word in listed.split(","):
            words.append(word.strip())
            directions.append(direction / np.linalg.norm(direction))
    return tuple(words), np.stack(directions)


def draw_title(view: View, rng: np.random.Generator) -> str | None:
    """None now and then, a camera's file name sometimes, else one to three words in a frame of fillers."""
    chance = rng.random()
    if chance < 0.04:
        return None
    if chance < 0.12:
        return str(rng.choice(SILENT_TITLES)).format(number=rng.integers(1, 9999))
    fillers = FILLERS.split(", ")
    template = str(rng.choice(TEMPLATES))
    for _ in range(template.count("{f}")):
        template = template.replace("{f}", str(rng.choice(fillers)), 1)
    title = template.format(*_drawn(view, rng, 3))
    styled = (title, title.capitalize(), title.title(), title.upper())
    return styled[int(rng.choice(4, p=(0.3, 0.4, 0.24, 0.06)))]


def draw_keywords(view: View, rng: np.random.Generator) -> tuple[str, ...]:
    """None for one film in ten, else one to eight, no word twice."""
    count = 0 if rng.random() < 0.1 else int(rng.integers(1, 9))
    fillers = FILLERS.split(", ")
    drawn = [word if rng.random() > 0.12 else str(rng.choice(fillers)) for word in _drawn(view, rng, count)]
    return tuple(dict.fromkeys(drawn))


def _drawn(view: View, rng: np.random.Generator, count: int) -> list[str]:
    words, directions = vocabulary()
    here = 2 * np.array(astuple(view.factors)) - 1
    weights = np.exp(FIT * (directions @ here) / 1.4)
    share = (1 - STRAY_SHARE) * weights / weights.sum() + STRAY_SHARE / len(words)
    return [words[index] for index in rng.choice(len(words), count, p=share / share.sum())]

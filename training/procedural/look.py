"""From factors to a look: how the film of a scene is shot, by published correspondences. Knows no pixel."""

import math
from dataclasses import dataclass

import numpy as np

from training.procedural.correspondences import mixed
from training.procedural.scene import Factors

# How the material is made up; the rest of the look applies to all.
KINDS = ("landscape", "people", "shapes", "city", "screen", "stills")
_KIND_SHARES = (0.32, 0.28, 0.18, 0.16, 0.03, 0.03)
YELLOW, RED, BLUE = 42.0, 4.0, 215.0  # hues in degrees


@dataclass(frozen=True, slots=True)
class Look:
    """`shot_s` None: one take without a cut. `speed` in frame widths per second; hues in degrees; the rest 0 to 1."""

    kind: str
    shot_s: float | None
    speed: float
    light: float
    contrast: float
    low_key: float
    saturation: float
    warm_share: float
    warm_hue: float
    hue_spread: float
    texture: float
    objects: float
    size: float
    angularity: float
    softness: float
    height: float
    grain: float
    variety: float


def draw_look(factors: Factors, rng: np.random.Generator) -> Look:
    """A look for picture factors. Subject, grading and camera bring noise of their own, as they do in real films."""
    pleasure = factors.warmth
    light = mixed(rng, 0.04, (0.92, factors.light), (0.08, pleasure))
    return Look(
        kind=str(rng.choice(KINDS, p=_KIND_SHARES)),
        shot_s=_shot_s(factors, rng),
        speed=_speed(factors, rng),
        light=_exposed(light, rng),
        contrast=mixed(rng, 0.06, (0.15, factors.energy), (0.85, factors.sharpness)),
        # Dark means strong and bad, light weak and good: dominance = 0.32 saturation - 0.76 lightness (Valdez &
        # Mehrabian 1994); a lamp in the dark is how films light a threat.
        low_key=mixed(rng, 0.05, (1.0, factors.tension)),
        saturation=_saturation(factors, rng),
        warm_share=_warm_share(factors, rng),
        warm_hue=_warm_hue(factors, rng),
        hue_spread=float(rng.uniform(6, 30) if rng.random() < 0.8 else rng.uniform(50, 150)),
        texture=mixed(rng, 0.05, (1.0, factors.density)),
        objects=mixed(rng, 0.1, (1.0, factors.density)),
        size=mixed(rng, 0.08, (0.85, 1 - factors.height), (0.15, factors.energy)),
        angularity=mixed(rng, 0.12, (1.0, factors.sharpness)),
        softness=mixed(rng, 0.05, (1.0, 1 - factors.sharpness)),
        height=mixed(rng, 0.06, (1.0, factors.height)),
        grain=float(rng.beta(1.2, 5)),
        variety=float(rng.beta(2, 3)),
    )


def _shot_s(factors: Factors, rng: np.random.Generator) -> float | None:
    # Film makers cut faster where they want more arousal, and short shots move more (Cutting et al. 2011). Many clips
    # people upload are one take, whatever they show.
    if rng.random() < 0.25:
        return None
    return float(np.exp(_between(math.log(18), math.log(0.6), factors.pace) + rng.normal(0, 0.3)))


def _speed(factors: Factors, rng: np.random.Generator) -> float:
    # Fast music is imagined as fast movement (Eitan & Granot 2006), and tempo and loudness of music that fits a film
    # follow its activity (Marshall & Cohen 1988; Lipscomb & Kim 2004).
    pace = 0.9 * factors.pace + 0.1 * factors.energy
    return float(np.exp(_between(math.log(0.008), math.log(0.8), pace) + rng.normal(0, 0.15)))


def _exposed(light: float, rng: np.random.Generator) -> float:
    # Lighter for happy and fast music (Palmer et al. 2013), for high pitch (Marks 1974) and after happy music
    # (Bhattacharya & Lindsen 2016); night shots and burnt-out skies happen in any mood.
    chance = rng.random()
    if chance < 0.025:
        return float(rng.uniform(0.0, 0.15))
    return float(rng.uniform(0.85, 1.0)) if chance > 0.975 else light


def _saturation(factors: Factors, rng: np.random.Generator) -> float:
    # Arousal = 0.60 saturation - 0.31 lightness, pleasure = 0.22 saturation (Valdez & Mehrabian 1994); faster, major
    # music is given more saturated colours (Palmer et al. 2013). One film in sixteen is grey or nearly so.
    if rng.random() < 0.06:
        return float(rng.uniform(0, 0.06))
    return mixed(rng, 0.05, (0.85, factors.energy), (0.15, factors.warmth))


def _warm_share(factors: Factors, rng: np.random.Generator) -> float:
    # Happy music is given yellow, sad music blue (Palmer et al. 2013). A share of things rather than a hue in between,
    # since half way from blue to yellow on the circle lies green, which stands for neither.
    return mixed(rng, 0.05, (0.95, factors.warmth), (0.05, factors.light))


def _warm_hue(factors: Factors, rng: np.random.Generator) -> float:
    # Loud, distorted music, which sounds angry, is given red and dark (Whiteford et al. 2018).
    is_angry = rng.random() < max(0.0, factors.tension - 0.4) * (0.4 + factors.energy)
    return float(rng.normal(RED if is_angry else YELLOW, 8 if is_angry else 16))


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share

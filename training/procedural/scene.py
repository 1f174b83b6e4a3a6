"""What a pair is about: latent factors that picture, music and words each see through noise of their own."""

import math
from dataclasses import astuple, dataclass, fields
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

# How much each side's view of a factor differs from the scene's, in deviations of the factor. At 0.2 the two sides of
# a pair correlate by 1 / (1 + 0.2^2) = 0.96 a factor: of a thousand tracks three lie about as near to a video as its
# own even before drawing and playing add their own noise, and with it tens do, as in real libraries.
NOISE = 0.2
WORD_NOISE = 0.3
ARC_KNOTS = 9
ARC_NOISE = 0.12
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Factors:
    """Each spread evenly over 0 to 1 when looked at alone.

    pace: slow to fast; energy: faint to forceful; warmth: sad and cold to happy and warm; light: dark to light;
    density: bare to crowded; tension: at ease to threatening; sharpness: soft and round to hard and angular;
    height: large, heavy and low to small, light and high.
    """

    pace: float
    energy: float
    warmth: float
    light: float
    density: float
    tension: float
    sharpness: float
    height: float


FACTOR_NAMES = tuple(field.name for field in fields(Factors))

# Fast films are forceful and dense (Cutting et al. 2011: shorter shots, more motion); what threatens is dark, cold and
# hard (Valdez & Mehrabian 1994: pleasure rises with lightness). Unnamed pairs are independent.
_CORRELATIONS = {
    ("pace", "energy"): 0.5,
    ("pace", "density"): 0.15,
    ("energy", "density"): 0.2,
    ("energy", "tension"): 0.15,
    ("energy", "sharpness"): 0.2,
    ("warmth", "light"): 0.3,
    ("warmth", "tension"): -0.4,
    ("light", "tension"): -0.25,
    ("light", "height"): 0.15,
    ("sharpness", "tension"): 0.15,
}


@dataclass(frozen=True, slots=True)
class View:
    """How one side sees a scene. `arc`: intensity at evenly spaced moments, -1 to 1 around the whole's."""

    factors: Factors
    arc: tuple[float, ...]

    def arc_at(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Intensity at shares 0 to 1 of the whole length."""
        return np.interp(share, np.linspace(0, 1, len(self.arc)), self.arc)


@dataclass(frozen=True, slots=True)
class Scene:
    """The factors as normal deviates (`deviates`, in the order of FACTOR_NAMES) and the common arc."""

    deviates: tuple[float, ...]
    arc: tuple[float, ...]

    def seen(self, rng: np.random.Generator, *, noise: float = NOISE) -> View:
        """The scene with fresh noise, for one side of a pair."""
        deviates = (np.array(self.deviates) + noise * rng.standard_normal(len(self.deviates))) / math.hypot(1, noise)
        arc = np.clip(np.array(self.arc) + ARC_NOISE * rng.standard_normal(len(self.arc)), -1, 1)
        return View(Factors(*(_NORMAL.cdf(deviate) for deviate in deviates)), tuple(arc.tolist()))


def draw_scene(rng: np.random.Generator) -> Scene:
    """A scene: correlated factors, and an arc that is flat for two films in five."""
    size = len(FACTOR_NAMES)
    covariance = np.eye(size)
    for (one, other), value in _CORRELATIONS.items():
        row, column = FACTOR_NAMES.index(one), FACTOR_NAMES.index(other)
        covariance[row, column] = covariance[column, row] = value
    deviates = np.linalg.cholesky(covariance) @ rng.standard_normal(size)
    return Scene(tuple(deviates.tolist()), _draw_arc(rng))


def scene_of(factors: Factors) -> Scene:
    """The scene with exactly these factors (each strictly between 0 and 1) and a flat arc."""
    return Scene(tuple(_NORMAL.inv_cdf(value) for value in astuple(factors)), (0.0,) * ARC_KNOTS)


def _draw_arc(rng: np.random.Generator) -> tuple[float, ...]:
    """Film and music both know the steady piece, the build-up, the ebb, the climax and the pause."""
    share = np.linspace(-1, 1, ARC_KNOTS)
    shapes = (
        share,
        -share,
        1 - 2 * share**2,
        2 * share**2 - 1,
        np.where(np.abs(share - rng.uniform(-0.6, 0.6)) < 0.3, -1, 0.2),
    )
    depth = rng.uniform(0.4, 1.0) if rng.random() < 0.6 else 0.0
    return tuple((depth * shapes[int(rng.integers(len(shapes)))]).tolist())

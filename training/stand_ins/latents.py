"""Hidden causes of made-up pairs: what an item is like, and how that moves over its length.

Items gather around a few kinds, so that many a negative of a batch would fit nearly as well as the own partner: the
false negatives of real collections. Knows no features.

Axes: N items, K kinds, L latent width, S sections.
"""

from dataclasses import dataclass

import numpy as np

from app.domain import Float32Array


@dataclass(frozen=True, slots=True)
class World:
    """`own_spread`: how far an item lies from its kind, whose centres have deviation 1 in each direction."""

    kinds: int
    width: int
    own_spread: float
    section_spread: float

    def centres(self, rng: np.random.Generator) -> Float32Array:
        """(K, L)."""
        return rng.normal(size=(self.kinds, self.width)).astype(np.float32)

    def item(self, centre_L: Float32Array, rng: np.random.Generator) -> Float32Array:
        """(L,): one item of a kind."""
        own: Float32Array = centre_L + rng.normal(0, self.own_spread, self.width).astype(np.float32)
        return own

    def sections(self, item_L: Float32Array, rng: np.random.Generator) -> Float32Array:
        """(S, L): what the item is like in each of its 4 to 8 sections."""
        count = int(rng.integers(4, 9))
        return item_L + rng.normal(0, self.section_spread, (count, self.width)).astype(np.float32)


def course(states_SL: Float32Array, rows: int, rng: np.random.Generator) -> Float32Array:
    """(rows, L): the sections in order, each of a length drawn anew: two media of an item change at other times."""
    borders = np.sort(rng.random(len(states_SL) - 1))
    path: Float32Array = states_SL[np.searchsorted(borders, (np.arange(rows) + 0.5) / rows)]
    return path


@dataclass(frozen=True, slots=True)
class View:
    """How a medium shows a latent state: a fixed random map through tanh, and noise on every value."""

    weights: Float32Array
    noise: float

    @classmethod
    def drawn(cls, latent_width: int, dim: int, *, noise: float, rng: np.random.Generator) -> "View":
        """A map whose values fill the range of tanh without saturating."""
        weights = rng.normal(0, latent_width**-0.5, (latent_width, dim)).astype(np.float32)
        return cls(weights, noise)

    def of(self, state: Float32Array, rng: np.random.Generator) -> Float32Array:
        """(…, L) to (…, dim)."""
        shown = np.tanh(state @ self.weights)
        seen: Float32Array = (shown + rng.normal(0, self.noise, shown.shape)).astype(np.float32)
        return seen

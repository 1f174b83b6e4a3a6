"""Takes tracks best first, a part at a time: a whole library is never sorted. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain import Float32Array
from app.recommendation.fuse import Numbers, Scores, brought_to_one, fused

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scored:
    """Tracks in no order, by their places in arrays of one length. `lexical`: None where words play no part."""

    numbers: Numbers
    cosines: Float32Array
    lexical: Scores | None = None
    weight: float = 0.0

    def __len__(self) -> int:
        return len(self.numbers)

    def scores(self, places: Places | slice) -> Scores:
        """0 to 1."""
        encoder = brought_to_one(self.cosines[places])
        return encoder if self.lexical is None else fused(encoder, self.lexical[places], weight=self.weight)

    def keys(self) -> Scores | Float32Array:
        """What to order all of them by."""
        # Without words the scores have the order of the cosines.
        return self.cosines if self.lexical is None else self.scores(slice(None))


class BestFirst:
    """Goes through the tracks at these places; each is taken once. Equal scores by cosine, then by number."""

    def __init__(self, scored: Scored, places: Places) -> None:
        self._scored = scored
        self._keys = scored.keys()
        self._left = [places]

    def take(self, count: int) -> Places:
        """The next `count` places, in their order; fewer only where fewer are left."""
        left = np.concatenate(self._left)
        keys = self._keys[left]
        is_in = np.ones(len(left), dtype=np.bool_)
        if len(left) > count:
            # All that score as the last of them does, which may be many more.
            is_in = keys >= np.partition(keys, -count)[-count]
        best = left[is_in]
        best = best[np.lexsort((self._scored.numbers[best], -self._scored.cosines[best], -keys[is_in]))]
        self._left = [best[count:], left[~is_in]]
        return best[:count]

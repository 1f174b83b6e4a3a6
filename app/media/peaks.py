"""The outline of a sound: its greatest magnitudes in equal parts, heard chunk by chunk. Reads no file."""

import numpy as np

from app.domain import Float32Array

PARTS = 2000
# Magnitudes kept while the length is unknown: the block that each stands for doubles whenever there are more.
MOST_BLOCKS = 65_536


class Peaks:
    """Takes mono sound in order, in chunks of any length; bounded memory however long it lasts."""

    def __init__(self) -> None:
        # Magnitudes that do not fill a block yet.
        self._rest: Float32Array = np.empty(0, np.float32)
        self._blocks: list[Float32Array] = [self._rest]
        self._block, self._count = 1, 0

    def hear(self, chunk: Float32Array) -> None:
        magnitudes = np.concatenate([self._rest, np.abs(chunk)])
        whole = len(magnitudes) // self._block * self._block
        self._rest = magnitudes[whole:]
        self._blocks.append(_greatest(magnitudes[:whole], self._block))
        self._count += len(self._blocks[-1])
        while self._count > MOST_BLOCKS:
            self._halve()

    def found(self, parts: int = PARTS) -> Float32Array:
        """The greatest magnitude, 0 to 1, in each of `parts` equal parts; borders are exact to a sixteenth of a part.

        Zeros where nothing was heard.
        """
        ending = [self._rest.max(keepdims=True)] if len(self._rest) else []
        blocks = np.concatenate([*self._blocks, *ending])
        if not len(blocks):
            return np.zeros(parts, np.float32)
        # A block on a border belongs to both parts; whole numbers, so that the last one ends with the sound.
        first = np.arange(parts) * len(blocks) // parts
        last = -(-np.arange(1, parts + 1) * len(blocks) // parts)
        # Every second stretch is one between parts, or none; the zero lets the last part end.
        stretches = np.stack([first, last], axis=1).flatten()
        heights: Float32Array = np.maximum.reduceat(np.append(blocks, np.float32(0)), stretches)[::2]
        return np.clip(heights, 0, 1)

    def _halve(self) -> None:
        blocks = np.concatenate(self._blocks)
        even = len(blocks) // 2 * 2
        # A last odd block goes back to what has not filled one yet.
        self._rest = np.concatenate([blocks[even:].repeat(self._block), self._rest])
        self._blocks = [_greatest(blocks[:even], 2)]
        self._block, self._count = 2 * self._block, even // 2


def _greatest(values: Float32Array, block: int) -> Float32Array:
    """Of each block; their size is a power of two. By halves, since NumPy takes five times as long over short rows."""
    while block > 1:
        values, block = np.maximum(values[::2], values[1::2]), block // 2
    return values

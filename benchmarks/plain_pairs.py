"""A plain Dataset of pairs, one item at a time, written to be good at it: what our batches are measured against.

Axes: B pairs, T steps, E width of a frozen feature.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from app.domain import Float32Array
from training.pair_set import Items


class PlainPairs(Dataset[tuple[Tensor, Tensor]]):
    """Video and music of an item, sampled sparsely and dequantised, from the same memory-mapped files.

    `is_random`: any row of a segment, as in training; else the one at its centre.
    """

    def __init__(self, folder: Path, items: Items, *, steps: int, is_random: bool) -> None:
        self._items, self._steps, self._is_random = items, steps, is_random
        self._video, self._music = (PlainStream(folder, name) for name in ("video", "music"))

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        item = int(self._items[index])
        return self._sampled(self._video, item), self._sampled(self._music, item)

    def _sampled(self, stream: "PlainStream", item: int) -> Tensor:
        # Torch's own generator, since each of a loader's workers has it seeded differently.
        inside_T = torch.rand(self._steps).numpy() if self._is_random else np.full(self._steps, 0.5)
        return torch.from_numpy(stream.steps(item, inside_T))


class PlainStream:
    def __init__(self, folder: Path, name: str) -> None:
        self._rows = np.load(folder / f"{name}.npy", mmap_mode="r")
        self._offsets = np.load(folder / f"{name}_offsets.npy")
        self._scale = np.load(folder / f"{name}_scale.npy")

    def steps(self, item: int, inside_T: NDArray[np.floating]) -> Float32Array:
        """(T, E): one row of each equal segment of the item, `inside_T` (0 to 1) of the way through it."""
        begin, end = self._offsets[item], self._offsets[item + 1]
        picked_T = ((np.arange(len(inside_T)) + inside_T) * (end - begin) / len(inside_T)).astype(np.int64)
        stored_TE = self._rows[begin + np.minimum(picked_T, end - begin - 1)]
        values_TE: Float32Array = stored_TE.astype(np.float32) * self._scale[0] + self._scale[1]
        return values_TE


def plain_batches(
    pairs: PlainPairs, *, size: int, device: torch.device, workers: int = 0
) -> Iterator[Sequence[Tensor]]:
    """One epoch in random order, collated by torch and brought to the device: (B, T, E) of each side."""
    is_far = device.type == "cuda"
    for batch in DataLoader(pairs, size, shuffle=True, num_workers=workers, drop_last=True, pin_memory=is_far):
        yield [side.to(device, non_blocking=is_far) for side in batch]

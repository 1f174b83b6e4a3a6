"""Where the rows of a stream are taken from: the memory-mapped file, or a copy of it on the device.

Axes: R rows, E width of a frozen feature.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.pair_set import Stream

DataPlace = Literal["auto", "file", "device"]
# From picked row numbers of any shape to float32 values of that shape and E, on the device.
Rows = Callable[[NDArray[np.int64]], Tensor]
# Weights, activations and the optimiser want the rest.
_SHARE_OF_FREE_MEMORY = 0.6


def open_rows(streams: Mapping[str, Stream], device: torch.device, place: DataPlace) -> dict[str, Rows]:
    """For each stream how to take its rows. "auto": on the device where that is a GPU with room for all of them."""
    if place == "auto":
        place = "device" if _fits(streams, device) else "file"
    opener = _resident if place == "device" else _mapped
    return {name: opener(stream, device) for name, stream in streams.items()}


def _fits(streams: Mapping[str, Stream], device: torch.device) -> bool:
    if device.type != "cuda":
        return False
    free, _ = torch.cuda.mem_get_info(device)
    return sum(stream.rows.nbytes for stream in streams.values()) <= _SHARE_OF_FREE_MEMORY * free


def _mapped(stream: Stream, device: torch.device) -> Rows:
    def take(picked: NDArray[np.int64]) -> Tensor:
        return torch.as_tensor(stream.values(picked), device=device)

    return take


def _resident(stream: Stream, device: torch.device) -> Rows:
    # torch.tensor copies, as it must: the file is mapped read-only.
    rows_RE = torch.tensor(np.asarray(stream.rows), device=device)
    scale_2E = None if stream.scale is None else torch.tensor(stream.scale, device=device)

    def take(picked: NDArray[np.int64]) -> Tensor:
        values = rows_RE[torch.as_tensor(picked, device=device)].float()
        return values if scale_2E is None else values * scale_2E[0] + scale_2E[1]

    return take

"""Where the rows of a stream are taken from: the memory-mapped file, or a copy of it on the device.

They travel as they are stored, a byte a value of a uint8 stream, and become float32 on the device.

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
    # Not the memory map itself, which makes an object of its own class of every part that is taken.
    rows_RE, scale_2E = np.asarray(stream.rows), _scale(stream, device)

    def take(picked: NDArray[np.int64]) -> Tensor:
        stored = torch.from_numpy(rows_RE.take(picked, axis=0))
        if device.type == "cuda":
            stored = stored.pin_memory().to(device, non_blocking=True)
        return _values(stored, scale_2E)

    return take


def _resident(stream: Stream, device: torch.device) -> Rows:
    # torch.tensor copies, as it must: the file is mapped read-only.
    rows_RE, scale_2E = torch.tensor(np.asarray(stream.rows), device=device), _scale(stream, device)

    def take(picked: NDArray[np.int64]) -> Tensor:
        flat = torch.as_tensor(picked.reshape(-1), device=device)
        return _values(rows_RE.index_select(0, flat).unflatten(0, picked.shape), scale_2E)

    return take


def _scale(stream: Stream, device: torch.device) -> Tensor | None:
    return None if stream.scale is None else torch.tensor(stream.scale, device=device)


def _values(stored: Tensor, scale_2E: Tensor | None) -> Tensor:
    """Of rows that were copied to be taken: what can be is done in place, which spares as much memory again."""
    values = stored.float()
    return values if scale_2E is None else torch.addcmul(scale_2E[1], values, scale_2E[0], out=values)

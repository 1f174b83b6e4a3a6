"""Where tensors live and how exactly they are computed; it knows no model."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

from app.errors import DeviceUnavailable

DeviceName = Literal["auto", "cpu", "cuda"]


def resolve_device(name: DeviceName) -> torch.device:
    """`auto` is CUDA where torch can use it, else the processor. Raises DeviceUnavailable."""
    if name == "cpu":
        return torch.device("cpu")
    if torch.cuda.is_available():
        return torch.device("cuda")
    if name == "cuda":
        raise DeviceUnavailable(device=name)
    return torch.device("cpu")


def computes_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 in hardware; elsewhere it would be slower than float32, not faster."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(unit, False) for unit in ("amx_bf16", "avx512_bf16"))


@contextmanager
def inference() -> Iterator[None]:
    """No gradients, and float32 that is float32: cuDNN would compute LSTMs in TF32, with 10 bits of mantissa."""
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, benchmark=False, allow_tf32=False):
        yield

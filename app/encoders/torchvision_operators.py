"""Makes torchvision importable beside a torch it was not built for. Nothing else knows of this trap.

open_clip imports torchvision for its picture transforms. The torchvision of the package index is built against CUDA;
beside a torch without CUDA its extension cannot be loaded, and then its import fails while it registers gradients and
shapes for operators that nobody defined (torchvision 0.28.0: `nms`, then `qnms`). Defining the two without any
implementation is enough, for nothing here calls them.
"""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import torch

# As torchvision's own C++ declares them.
_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_OPERATORS = ("torchvision::nms", "torchvision::qnms")


def make_torchvision_importable(load_extension: Callable[[], None] | None = None) -> bool:
    """Declares what is missing, only where torchvision's extension cannot be loaded, for as long as the process lives.

    True: it has declared them. False: the extension is there (or torchvision is imported already).
    """
    if "torchvision" in sys.modules:
        return False
    try:
        (load_extension or load_torchvision_extension)()
    except OSError:
        for operator in _OPERATORS:
            torch.library.define(operator, _SCHEMA)
        return True
    return False


def load_torchvision_extension() -> None:
    """Loads torchvision's compiled part without importing torchvision. Raises OSError where it does not fit torch."""
    found = importlib.util.find_spec("torchvision")
    folders = found.submodule_search_locations if found else None
    if not folders:
        raise OSError("torchvision is not installed")
    for library in sorted(Path(folders[0]).glob("_C*.so")) + sorted(Path(folders[0]).glob("_C*.pyd")):
        torch.ops.load_library(library)
        return
    raise OSError("torchvision has no compiled part")

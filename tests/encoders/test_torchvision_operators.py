"""Each test runs in a process of its own: what torch is told of operators it never forgets."""

import subprocess
import sys

import pytest
import torch

from app.encoders.torchvision_operators import load_torchvision_extension

BEGINNING = """
import torch
from app.encoders.torchvision_operators import make_torchvision_importable

def has(name):
    return hasattr(torch.ops.torchvision, name)

def cannot_load():
    raise OSError("built for another torch")

def loads():
    pass
"""


def output_of(program: str) -> str:
    answer = subprocess.run([sys.executable, "-c", BEGINNING + program], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def has_working_extension() -> bool:
    try:
        load_torchvision_extension()
    except OSError:
        return False
    return True


def test_both_operators_are_declared_where_the_extension_cannot_be_loaded() -> None:
    assert output_of("print(make_torchvision_importable(cannot_load), has('nms'), has('qnms'))") == "True True True"


def test_nothing_is_declared_where_the_extension_can_be_loaded() -> None:
    assert output_of("print(make_torchvision_importable(loads), has('nms'), has('qnms'))") == "False False False"


def test_open_clip_can_be_imported_afterwards_whatever_torch_this_is_and_once_is_enough() -> None:
    program = (
        "make_torchvision_importable(); import open_clip, torchvision\n"
        "print(open_clip.__name__, make_torchvision_importable(cannot_load))"
    )
    assert output_of(program) == "open_clip False"


@pytest.mark.skipif(torch.version.cuda is not None, reason="torchvision's extension fits a torch with CUDA")
def test_the_trap_is_still_there() -> None:
    if has_working_extension():
        pytest.skip("this torchvision was built for this torch")
    answer = subprocess.run([sys.executable, "-c", "import torchvision"], capture_output=True, text=True, check=False)
    assert "operator torchvision::nms does not exist" in answer.stderr

"""Decode processes and the API load these modules; torch would cost each of them 200 MB and a second."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["spec", "backbone_specs", "sampling", "material"])
def test_what_decoding_needs_of_the_encoders_brings_no_torch(module: str) -> None:
    program = (
        f"import app.encoders.{module}, sys\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'torch', 'torchvision', 'open_clip', 'librosa', 'safetensors'}))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_an_encoder_of_signals_brings_no_open_clip() -> None:
    program = (
        "import app.encoders.checkpoint, sys\n"
        "print(sorted({'torchvision', 'open_clip', 'timm', 'librosa'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"

"""Whether a file of VGGish weights gives what Google's own test of its weights expects.

    python -m benchmarks.check_vggish WEIGHTS

Three seconds of a sine at 1 kHz go through the network, and through the post-processing where the file has what it
takes. Expected are the figures of vggish_smoke_test.py (tensorflow/models, July 2023), which are good to 10 %. Exits
with 1 where one is missed.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from app.domain import Float32Array
from app.encoders.device import inference
from app.encoders.vggish import RATE_HZ, WINDOW_SAMPLES
from app.encoders.vggish_loader import vggish_of
from benchmarks.machine import Finding, print_findings

SECONDS, TONE_HZ, STEP_SAMPLES = 3, 1000.0, 15_360
TOLERANCE = 0.1
# Mean and deviation.
EMBEDDINGS = (0.000657, 0.343)
BYTES = (126.0, 89.3)


def main() -> int:
    parser = argparse.ArgumentParser(description="VGGish weights beside the published figures")
    parser.add_argument("weights", type=Path, help="a file in safetensors form")
    found = findings(load_file(parser.parse_args().weights))
    print_findings(f"VGGish, {SECONDS} s of a sine at {TONE_HZ:g} Hz", found)
    return 0 if all(finding.met is not False for finding in found) else 1


def findings(weights: Mapping[str, Tensor]) -> list[Finding]:
    """Of the embeddings, and of their bytes where the weights hold the whitening."""
    found = compared("embeddings", _features(weights, postprocess=False), EMBEDDINGS)
    if "pproc.pca_means" in weights:
        values = _features(weights, postprocess=True)
        found += compared("post-processed bytes", np.rint((values - (4 / 512 - 2)) * (255 / 4)), BYTES)
    return found


def compared(name: str, values: Float32Array, expected: tuple[float, float]) -> list[Finding]:
    """Mean and deviation of the values beside the expected ones."""
    figures = (float(values.mean()), float(values.std()))
    return [
        Finding(f"{name}: {what}", f"{figure:.3g}", f"{due:g} ± 10 %", abs(figure - due) <= TOLERANCE * abs(due))
        for what, figure, due in zip(("mean", "deviation"), figures, expected, strict=True)
    ]


def _features(weights: Mapping[str, Tensor], *, postprocess: bool) -> Float32Array:
    sound_N = np.sin(2 * np.pi * TONE_HZ * np.arange(SECONDS * RATE_HZ) / RATE_HZ).astype(np.float32)
    starts = range(0, len(sound_N) - WINDOW_SAMPLES + 1, STEP_SAMPLES)
    windows_SN = torch.from_numpy(np.stack([sound_N[start : start + WINDOW_SAMPLES] for start in starts]))
    music = vggish_of(dict(weights), postprocess=postprocess, device=torch.device("cpu"))
    with inference():
        features_SE: Float32Array = music.measure(windows_SN[None])[0][0].numpy()
    return features_SE


if __name__ == "__main__":
    sys.exit(main())

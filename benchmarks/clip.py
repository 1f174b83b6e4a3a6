"""How many pictures a second a CLIP tower takes in, in float32 and in bfloat16.

    python -m benchmarks.clip [--model ViT-B-32] [--device auto]

The weights are random: speed does not depend on them, and nothing is fetched. Pictures go through 32 at a time, as the
32 instants of one video do. How near the bfloat16 vectors come to the float32 ones is printed beside it.
"""

import argparse
import time

import torch

from app.encoders.clip import LoadedClip
from app.encoders.clip_loader import import_open_clip
from app.encoders.device import computes_bfloat16, inference, resolve_device
from benchmarks.machine import Finding, print_findings

PICTURES = 32
ROUNDS = 5
# 14 and 36 ViT-B/32 pictures a second were measured before on two cores that multiply bfloat16.
ASKED_RATIO = 36 / 14


def main() -> None:
    arguments = _arguments()
    device = resolve_device(arguments.device)
    exact, near = (_loaded(arguments.model, precision, device) for precision in ("fp32", "bf16"))
    height, width = exact.image_size
    generator = torch.Generator().manual_seed(0)
    rgb = torch.randint(0, 256, (PICTURES, height, width, 3), dtype=torch.uint8, generator=generator)
    with inference():
        cosine = float((exact.image_vectors(rgb) * near.image_vectors(rgb)).sum(dim=1).min())
        rates = [_pictures_a_second(clip, rgb, device) for clip in (exact, near)]
    _report(arguments.model, device, rates=(rates[0], rates[1]), cosine=cosine)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="pictures a second through CLIP")
    parser.add_argument("--model", default="ViT-B-32", help="an architecture of open_clip (ViT-B-32)")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    return parser.parse_args()


def _loaded(name: str, precision: str, device: torch.device) -> LoadedClip:
    torch.manual_seed(0)
    model = import_open_clip().create_model(name, precision=precision, device=device)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    return LoadedClip(model.eval(), device=device, dtype=dtype)


def _pictures_a_second(clip: LoadedClip, rgb: torch.Tensor, device: torch.device) -> float:
    """The fastest of a few rounds: what else runs on the machine can only slow it down."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        clip.image_vectors(rgb)
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    return PICTURES / min(seconds)


def _report(model: str, device: torch.device, *, rates: tuple[float, float], cosine: float) -> None:
    exact, near = rates
    met = near / exact >= ASKED_RATIO if computes_bfloat16(device) else None
    threads = f"{torch.get_num_threads()} threads" if device.type == "cpu" else torch.cuda.get_device_name()
    findings = [
        Finding("float32", f"{exact:.0f} pictures/s", "", None),
        Finding("bfloat16", f"{near:.0f} pictures/s", "", None),
        Finding("bfloat16 : float32", f"{near / exact:.1f}", f"≥ {ASKED_RATIO:.1f} where multiplied in hardware", met),
        Finding("least cosine of the two", f"{cosine:.4f}", "", None),
    ]
    print_findings(f"{model} on {device.type}, {threads}", findings)


if __name__ == "__main__":
    main()

"""Compares embeddings made on CUDA with those made on the processor, and times both; for a machine with a GPU.

    python -m benchmarks.check_gpu [--checkpoint DIR]

Frames and sounds are made up. Exits with 0 where every cosine is at least 0.999, with 1 where one is not, and with 2
where torch finds no GPU: then nothing was checked.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from app.domain import Brief, Float32Array, FramePlan, Frames, Motion, SoundMaterial, SoundPlan, VideoMaterial
from app.encoders.checkpoint import load_checkpoint
from app.encoders.encoder import Encoder
from app.encoders.sampling import gs_instants, window_starts
from app.settings import STARTER_CHECKPOINT
from benchmarks.machine import Finding, print_findings

ITEMS = 16
ROUNDS = 5
DURATION_S = 120.0
LEAST_COSINE = 0.999
NOTHING_CHECKED = 2
Embedding = Callable[[Encoder], Float32Array]


def main() -> int:
    parser = argparse.ArgumentParser(description="CUDA beside the processor")
    parser.add_argument("--checkpoint", type=Path, default=STARTER_CHECKPOINT, help="folder (the starter's)")
    folder = parser.parse_args().checkpoint
    if not torch.cuda.is_available():
        print(f"no GPU at hand: torch {torch.__version__} finds no CUDA device; nothing was checked", file=sys.stderr)
        return NOTHING_CHECKED
    here, there = load_checkpoint(folder, "cpu"), load_checkpoint(folder, "cuda")
    findings = [
        finding for name, embed in works_of(here).items() for finding in compared(name, embed, here=here, there=there)
    ]
    print_findings(f"{here.spec.name} on {torch.cuda.get_device_name()}, {ITEMS} at a time", findings)
    return 0 if all(finding.met is not False for finding in findings) else 1


def works_of(encoder: Encoder) -> dict[str, Embedding]:
    """What is compared, by name, each from material to embeddings."""
    rng = np.random.default_rng(0)
    videos = [_video(rng, encoder.spec.frame_plan()) for _ in range(ITEMS)]
    tracks = [_track(rng, encoder.spec.sound_plan()) for _ in range(ITEMS)]
    silent = [Brief()] * ITEMS
    said = [Brief(title=f"night drive {number}", keywords=("fast", "neon")) for number in range(ITEMS)]
    return {
        "videos": lambda encoder: encoder.embed_videos(encoder.video_features(videos), silent),
        "videos with words": lambda encoder: encoder.embed_videos(encoder.video_features(videos), said),
        "tracks": lambda encoder: encoder.embed_tracks(encoder.music_features(tracks)),
    }


def compared(name: str, embed: Embedding, *, here: Encoder, there: Encoder) -> list[Finding]:
    cosine = float((embed(here) * embed(there)).sum(axis=1).min())
    cpu_s, cuda_s = _fastest_s(embed, here), _fastest_s(embed, there)
    return [
        Finding(f"{name}: least cosine", f"{cosine:.6f}", f"≥ {LEAST_COSINE}", cosine >= LEAST_COSINE),
        Finding(f"{name}: processor", f"{1000 * cpu_s / ITEMS:.2f} ms each", "", None),
        Finding(f"{name}: CUDA", f"{1000 * cuda_s / ITEMS:.2f} ms each", "", None),
    ]


def _fastest_s(embed: Embedding, encoder: Encoder) -> float:
    # Embeddings come back as arrays in main memory, so there is nothing left to wait for on the GPU.
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        embed(encoder)
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def _video(rng: np.random.Generator, plan: FramePlan) -> VideoMaterial:
    """Noise over a drifting colour: every figure of a picture is something else than 0."""
    colours = rng.integers(0, 200, (plan.instants, 1, 1, 3))
    noise = rng.integers(0, 56, (plan.instants, plan.height, plan.width, 3))
    times_s = gs_instants(DURATION_S, plan.instants).astype(np.float32)
    motion_times_s = gs_instants(DURATION_S, max(plan.motion_instants, 1)).astype(np.float32)
    speed = rng.random(len(motion_times_s)).astype(np.float32)
    return VideoMaterial(DURATION_S, Frames((colours + noise).astype(np.uint8), times_s), Motion(speed, motion_times_s))


def _track(rng: np.random.Generator, plan: SoundPlan) -> SoundMaterial:
    """Chords of decaying tones on a beat, with some noise."""
    starts_s = window_starts(DURATION_S, plan.windows, plan.window_samples / plan.rate_hz)
    times_s = starts_s[:, None] + np.arange(plan.window_samples) / plan.rate_hz
    beat = np.exp(-6 * (times_s % (60 / rng.uniform(70, 160))))
    chord = sum(np.sin(2 * np.pi * hz * times_s) for hz in rng.uniform(80, 1200, size=3))
    samples = 0.1 * beat * chord + 0.01 * rng.normal(size=times_s.shape)
    return SoundMaterial(DURATION_S, samples.astype(np.float32), starts_s.astype(np.float32), plan.rate_hz, -14.0)


if __name__ == "__main__":
    sys.exit(main())

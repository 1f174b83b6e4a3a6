"""What is written down about a run: everything it depended on, where it ran, and what came of it. Trains nothing."""

import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.evaluation import BothWays
from training.loop import Trained
from training.pair_set import SPLITS, PairSet
from training.plain import plain
from training.run_config import RunConfig

RECORD_FILE = "run.json"


def record_of(run: RunConfig, pairs: PairSet, trained: Trained, *, test: dict[str, BothWays]) -> dict[str, Any]:
    """Fit for JSON. `test` holds the recalls on the test split, by the words that were given."""
    sides = (trained.spec.query, trained.spec.target)
    return {
        "run": plain(run),
        "seed": run.seed,
        "pairs": {"name": pairs.name, **{split: len(pairs.items_of(split)) for split in SPLITS}},
        "machine": machine(),
        "versions": versions(),
        "epochs": plain(trained.epochs),
        "kept_epoch": trained.kept_epoch,
        "test": plain(test),
        "feature_range": {side.stream: feature_range(pairs, side.stream) for side in sides if side.modality != "text"},
    }


def save_record(folder: Path, record: dict[str, Any]) -> None:
    (folder / RECORD_FILE).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def feature_range(pairs: PairSet, stream: str) -> dict[str, list[float]]:
    """Least and greatest value of each feature of a stream over the training split: what the model has seen."""
    blocks = [(block.min(axis=0), block.max(axis=0)) for block in pairs.streams[stream].blocks(pairs.items_of("train"))]
    least, greatest = (np.array(extremes) for extremes in zip(*blocks, strict=True))
    return {"least": least.min(axis=0).tolist(), "greatest": greatest.max(axis=0).tolist()}


def machine() -> dict[str, str | int]:
    """Named by what it computes with, never by whose it is."""
    return {
        "processor": _processor(),
        "threads": torch.get_num_threads(),
        "accelerator": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "system": f"{platform.system()} {platform.machine()}",
    }


def versions() -> dict[str, str]:
    return {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()

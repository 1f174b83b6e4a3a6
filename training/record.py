"""What is written down about a run: everything it depended on, where it ran, and what came of it. Trains nothing."""

import json
import platform
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel

from training.evaluation import BothWays
from training.loop import Trained
from training.pair_set import SPLITS, PairSet
from training.runs import RunConfig

RECORD_FILE = "run.json"


def record_of(run: RunConfig, pairs: PairSet, trained: Trained, *, test: dict[str, BothWays]) -> dict[str, Any]:
    """Fit for JSON. `test` holds the recalls on the test split, by the words that were given."""
    return {
        "run": plain(run),
        "seed": run.seed,
        "pairs": {"name": pairs.name, **{split: len(pairs.items_of(split)) for split in SPLITS}},
        "machine": machine(),
        "versions": versions(),
        "epochs": plain(trained.epochs),
        "best_epoch": trained.best_epoch,
        "test": plain(test),
        "feature_range": feature_ranges(pairs),
    }


def save_record(folder: Path, record: dict[str, Any]) -> None:
    (folder / RECORD_FILE).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def feature_ranges(pairs: PairSet) -> dict[str, dict[str, list[float]]]:
    """Least and greatest value of each video and music feature over the training split: what the model has seen."""
    ranges = {}
    for name in ("video", "music"):
        blocks = [
            (block.min(axis=0), block.max(axis=0)) for block in pairs.streams[name].blocks(pairs.items_of("train"))
        ]
        least, greatest = (np.array(extremes) for extremes in zip(*blocks, strict=True))
        ranges[name] = {"least": least.min(axis=0).tolist(), "greatest": greatest.max(axis=0).tolist()}
    return ranges


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


def plain(value: Any) -> Any:
    """The value with dataclasses and checkpoint parts as dictionaries, tuples as lists."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude={"about"})
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()

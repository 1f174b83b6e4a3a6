"""The state of a run after an epoch, on disk: one safetensors file, replaced whole. Nothing in it is code.

Chances need no state (each epoch has its own seed), so weights, optimiser, rates and the epochs so far are all of it.
"""

import copy
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel

from app.encoders.models import TwoTowers
from app.errors import SetupError
from training.epochs import Epoch
from training.evaluation import BothWays, Recalls
from training.loss_modules import LossModule
from training.plain import plain


@dataclass(slots=True)
class Progress:
    """What changes while a run trains. `kept` are the weights of the best epoch so far."""

    model: TwoTowers
    loss: LossModule
    optimiser: torch.optim.Optimizer
    schedule: LambdaLR
    scaler: GradScaler
    average: AveragedModel | None
    kept: dict[str, Tensor] = field(default_factory=dict)

    def keep(self, model: TwoTowers) -> None:
        self.kept = copy.deepcopy(model.state_dict())

    def restore_kept(self, model: TwoTowers) -> None:
        if self.kept:
            model.load_state_dict(self.kept)

    def modules(self) -> dict[str, nn.Module]:
        """Everything with weights, by the name it has in the file."""
        found: dict[str, nn.Module] = {"model": self.model, "loss": self.loss}
        return found if self.average is None else {**found, "average": self.average}


def write_state(path: Path, progress: Progress, epochs: Sequence[Epoch]) -> None:
    """Replaces the file at once."""
    tensors: dict[str, Tensor] = {}
    for name, module in progress.modules().items():
        tensors |= {f"{name}.{key}": value for key, value in module.state_dict().items()}
    tensors |= {f"kept.{key}": value for key, value in progress.kept.items()}
    optimiser = progress.optimiser.state_dict()
    for number, values in optimiser["state"].items():
        tensors |= {f"optimiser.{number}.{key}": value for key, value in values.items()}
    document = {
        "epochs": plain(list(epochs)),
        "rates": [group["lr"] for group in optimiser["param_groups"]],
        "steps": progress.schedule.last_epoch,
        "scaler": progress.scaler.state_dict(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    # Cloned, since towers that are one share their weights, and the format would refuse them.
    own = {name: value.detach().cpu().clone() for name, value in tensors.items()}
    # Through Python, whose errors tell a full disk from others; synced, so that a power cut leaves the one before.
    with unfinished.open("wb") as file:
        file.write(save(own, {"run": json.dumps(document)}))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read_state(path: Path, progress: Progress) -> list[Epoch]:
    """Puts the weights and the optimiser where they were, and returns the epochs that are done. Raises SetupError."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - no dictionary
            document = json.loads(file.metadata()["run"])
    except (OSError, SafetensorError) as error:
        raise SetupError(
            f"{path}: the state of the broken run cannot be read ({error}); delete it to begin anew"
        ) from error
    for name, module in progress.modules().items():
        module.load_state_dict(_under(tensors, name))
    progress.kept = _under(tensors, "kept")
    _restore_optimiser(progress.optimiser, _under(tensors, "optimiser"), document["rates"])
    progress.schedule.last_epoch = document["steps"]
    progress.scaler.load_state_dict(document["scaler"])
    return [_epoch(fields) for fields in document["epochs"]]


def _restore_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor], rates: list[float]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        number, key = name.split(".", 1)
        state.setdefault(int(number), {})[key] = value
    groups = optimiser.state_dict()["param_groups"]
    for group, rate in zip(groups, rates, strict=True):
        group["lr"] = rate
    optimiser.load_state_dict({"state": state, "param_groups": groups})


def _under(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    return {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}


def _epoch(fields: dict[str, Any]) -> Epoch:
    validation = {
        name: BothWays(both["pool"], Recalls(**both["query_to_target"]), Recalls(**both["target_to_query"]))
        for name, both in fields["validation"].items()
    }
    return Epoch(**{**fields, "validation": validation})

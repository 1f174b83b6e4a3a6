"""The optimiser of a run, its rates over the steps, and the running mean of weights."""

import math
from collections.abc import Callable

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from app.encoders.models import TwoTowers
from training.loss_modules import LossModule
from training.run_config import RunConfig


def optimiser_of(run: RunConfig, model: TwoTowers, loss: LossModule) -> torch.optim.Optimizer:
    """Adam with decoupled decay; the words' way into the state and the loss's own weights have their own rates."""
    text_rate = run.learning_rate if run.text_learning_rate is None else run.text_learning_rate
    text_side = [] if model.text_state is None else list(model.text_state.parameters())
    in_text = {id(weight) for weight in text_side}
    towers = [weight for weight in model.parameters() if id(weight) not in in_text]
    loss_rate = run.learning_rate if loss.learning_rate is None else loss.learning_rate
    groups = [
        {"params": towers, "lr": run.learning_rate, "weight_decay": run.weight_decay},
        {"params": text_side, "lr": text_rate, "weight_decay": run.weight_decay},
        {"params": list(loss.parameters()), "lr": loss_rate, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, betas=run.adam_betas)


def schedule_of(run: RunConfig, optimiser: torch.optim.Optimizer, *, steps_an_epoch: int) -> LambdaLR:
    """Multiplies every rate, step by step."""
    return LambdaLR(optimiser, rate_factor(run, steps_an_epoch))


def rate_factor(run: RunConfig, steps_an_epoch: int) -> Callable[[int], float]:
    """By step (from 0): rises to 1 over the warm-up, then stays, or falls to 0 along half a cosine."""
    warmup, total = run.warmup_epochs * steps_an_epoch, max(1, run.epochs * steps_an_epoch)

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / (warmup + 1)
        if run.schedule == "constant":
            return 1.0
        return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1.0, total - warmup))))

    return factor


def average_of(run: RunConfig, model: TwoTowers) -> AveragedModel | None:
    """The running mean of the weights, where the run keeps one."""
    if run.weight_average is None:
        return None
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(run.weight_average), use_buffers=True)


def kept_model(model: TwoTowers, average: AveragedModel | None) -> TwoTowers:
    """The model that is validated and saved."""
    if average is None:
        return model
    mean: nn.Module = average.module
    if not isinstance(mean, TwoTowers):
        raise TypeError("the running mean is of another model")
    return mean

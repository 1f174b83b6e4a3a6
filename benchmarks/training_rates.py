"""How long a step of the training loop takes, and how long its input takes alone. Prints nothing."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
import torch

from training.batches import Batch
from training.loop import Listener, Prepared, train
from training.losses import Losses


@dataclass(frozen=True, slots=True)
class Laps:
    """`count` laps of `steps` steps each are timed, after `warm` steps that are not."""

    warm: int
    count: int
    steps: int

    @property
    def total(self) -> int:
        return self.warm + self.count * self.steps


@dataclass(slots=True)
class LapClock:
    """Hears the steps of a run and notes when each lap begins, once the device has nothing left to do."""

    laps: Laps
    finish: Callable[[], None]
    heard: int = 0
    began_s: list[float] = field(default_factory=list)

    def on_step(self, _pairs: int, _losses: Losses) -> None:
        self.heard += 1
        since_warm = self.heard - self.laps.warm
        if since_warm >= 0 and since_warm % self.laps.steps == 0:
            self.finish()
            self.began_s.append(time.perf_counter())

    def step_s(self) -> float:
        """The median lap's."""
        return float(np.median(np.diff(self.began_s))) / self.laps.steps


def step_s(prepared: Prepared, laps: Laps) -> float:
    """Seconds a step of the loop takes, its batch included."""
    clock = LapClock(laps, finishing(prepared.feed.device))
    train(shortened(prepared, laps.total), listener=Listener(on_step=clock.on_step))
    return clock.step_s()


def shortened(prepared: Prepared, steps: int) -> Prepared:
    """The run with so many steps an epoch, of items anywhere in the pair set, and one batch to validate on."""
    size = prepared.run.batch_pairs
    items = np.random.default_rng(prepared.run.seed).permutation(prepared.training_items)[: steps * size]
    if len(items) < steps * size:
        raise ValueError(f"{len(items)} items are fewer than {steps} batches of {size}")
    return replace(prepared, training_items=items, held_out=prepared.held_out[:size])


def input_s(prepared: Prepared, *, batches: int, turns: int) -> float:
    """Seconds a batch takes to draw and to gather on the device, with nothing beside it; the median turn's."""
    finish = finishing(prepared.feed.device)
    return statistics.median(seconds_each(islice(own_batches(prepared), batches), finish) for _ in range(turns))


def own_batches(prepared: Prepared) -> Iterator[Batch]:
    """An epoch's batches as the loop draws them, one after the other."""
    run, feed = prepared.run, prepared.feed
    rng = np.random.default_rng(run.seed)
    draws = run.drawing.draws(feed, prepared.training_items, run.text_mix, batch_pairs=run.batch_pairs, rng=rng)
    return (feed.gather(draw) for draw in draws)


def seconds_each(values: Iterable[object], finish: Callable[[], None] = lambda: None) -> float:
    """Seconds a value takes to make; the first, before which workers start and files are opened, is not counted."""
    source = iter(values)
    next(source)
    finish()
    began = time.perf_counter()
    count = sum(1 for _ in source)
    finish()
    return (time.perf_counter() - began) / count


def finishing(device: torch.device) -> Callable[[], None]:
    """What waits until the device has done all that it was given."""
    return torch.cuda.synchronize if device.type == "cuda" else lambda: None

"""What each of two processes does that train together; the test beside it starts them and reads what they wrote."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from tests.training.pairs_at_random import LSTM, image_design, tiny_run
from training.design import ModelDesign, TowerDesign
from training.drawing import WithinClasses
from training.errors import UnevenBatch
from training.loop import Listener, train
from training.losses import Losses
from training.objectives import CBVMR, CME, II, Triplet
from training.pair_set_reader import open_pair_set
from training.ranks import Ranks, ranks_of_environment
from training.run_config import RunConfig
from training.setup import prepare

COUNT = 2
STILL = LSTM.model_copy(update={"dropout": 0.0})


@dataclass(frozen=True, slots=True)
class Places:
    """The pair sets, where the ranks meet, and where each leaves what it found."""

    pairs: Path
    images: Path
    port: int
    out: Path


class Killed(Exception):
    """Stands for a signal."""


def run_with_words() -> RunConfig:
    """One epoch of one batch, without chances that differ between ranks, and no clipping: gradients as they are."""
    run = tiny_run()
    sides = (replace(side, sequence_encoder=STILL) for side in (run.design.query, run.design.target))
    design = replace(run.design, query=next(sides), target=next(sides))
    return replace(run, design=design, epochs=1, batch_pairs=32, clip_norm=1e9)


def runs_of_one_step() -> dict[str, RunConfig]:
    """By name; `images` is trained on the labelled images, every other on the random pairs."""
    run = run_with_words()
    wordless = replace(run, design=ModelDesign(5, TowerDesign("video", STILL, 8), TowerDesign("music", STILL, 8)))
    # Three classes, each with four of the twelve pairs.
    classed = replace(run, design=image_design(), drawing=WithinClasses("most"), batch_pairs=12)
    return {
        "words": replace(run, objective=II()),
        "words as they come": replace(run, objective=II(raw_text_form="literal")),
        "triplet": replace(wordless, objective=Triplet(mining="semi-hard")),
        "cbvmr": replace(wordless, objective=CBVMR(hardest=9)),
        "images": replace(classed, objective=CME()),
    }


def long_run() -> RunConfig:
    return replace(run_with_words(), epochs=4, batch_pairs=16, weight_average=0.8, feature_noise=0.2)


def learnt(run: RunConfig, pairs: Path, ranks: Ranks | None) -> dict[str, Any]:
    """Losses, and of the last step the gradients of model and loss."""
    prepared = prepare(run, open_pair_set(pairs))
    trained = train(prepared, ranks=ranks)
    gradients = {
        f"{kind}.{name}": weight.grad
        for kind, module in (("model", prepared.model), ("loss", prepared.loss))
        for name, weight in module.named_parameters()
    }
    return {"losses": [epoch.loss for epoch in trained.epochs], "gradients": gradients}


def work(rank: int, places: Places) -> None:
    """Everything one rank is asked for, into `out/rank-N.pt`."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(COUNT)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(places.port)}
    with ranks_of_environment(torch.device("cpu")) as ranks:
        found: dict[str, Any] = {
            name: learnt(run, places.images if name == "images" else places.pairs, ranks)
            for name, run in runs_of_one_step().items()
        }
        found["rank"] = (ranks.rank, ranks.count, ranks.is_first)
        found["shared"] = ranks.share(lambda: f"made by {rank}")
        found["refusal"] = refusal_of(lambda: learnt(replace(run_with_words(), batch_pairs=31), places.pairs, ranks))
        found["resumed"] = resumed(places, ranks)
        found["unbroken"] = learnt(long_run(), places.pairs, ranks)["losses"]
    found["is over"] = not torch.distributed.is_initialized()
    torch.save(found, places.out / f"rank-{rank}.pt")


def refusal_of(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except UnevenBatch as error:
        return str(error)
    return "nothing was refused"


def resumed(places: Places, ranks: Ranks) -> list[float]:
    """The losses of a run that all ranks were killed in, in its third epoch. Each rank names a state of its own."""
    steps: list[int] = []

    def killed_in_the_third_epoch(count: int, _: Losses) -> None:
        steps.append(count)
        if len(steps) == 5:
            raise Killed

    pairs, states = open_pair_set(places.pairs), [places.out / f"state-of-{rank}" for rank in range(COUNT)]
    try:
        train(
            prepare(long_run(), pairs),
            ranks=ranks,
            listener=Listener(killed_in_the_third_epoch),
            state_file=states[ranks.rank],
        )
    except Killed:
        trained = train(prepare(long_run(), pairs), ranks=ranks, state_file=states[0])
        return [epoch.loss for epoch in trained.epochs]
    return []

"""The training loop. It knows a model of two towers and a loss; where pairs come from it does not know.

Axes: B pairs in a batch.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from app.encoders.device import computes_bfloat16
from app.encoders.models import TwoTowers
from training.batches import Batch, PairFeed
from training.epochs import Epoch, best_of, epoch_of, is_over
from training.errors import BatchNormApart
from training.evaluation import BothWays
from training.loss_modules import Known, LossModule
from training.losses import Losses
from training.model_spec import ModelSpec
from training.optimisation import average_of, kept_model, optimiser_of, schedule_of
from training.pair_set import Items
from training.prefetch import one_ahead
from training.ranks import Ranks
from training.retrieval import recalls_with
from training.run_config import RunConfig
from training.shared_steps import cuts_of
from training.state import Progress, read_state, write_state


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a run needs to begin: items checked, features standardised, weights drawn."""

    run: RunConfig
    spec: ModelSpec
    feed: PairFeed
    training_items: Items
    held_out: Items
    model: TwoTowers
    loss: LossModule


@dataclass(frozen=True, slots=True)
class Trained:
    """The model as the epoch that is kept left it, in evaluation mode, and what it is made for."""

    model: TwoTowers
    spec: ModelSpec
    feed: PairFeed
    epochs: tuple[Epoch, ...]
    kept_epoch: int


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears how a run goes: pairs of each step, each epoch, and which epochs were done before."""

    on_step: Callable[[int, Losses], None] = lambda _, __: None
    on_epoch: Callable[[Epoch], None] = lambda _: None
    on_resumed: Callable[[Sequence[Epoch]], None] = lambda _: None


def train(
    prepared: Prepared,
    *,
    ranks: Ranks | None = None,
    listener: Listener | None = None,
    state_file: Path | None = None,
) -> Trained:
    """The same run on the same processor gives the same losses, also when it goes on from `state_file` after a kill.

    On a GPU they differ by the order in which its kernels add. Raises TrainingDiverged, UnevenBatch, BatchNormApart.
    """
    ranks, listener = ranks or Ranks(), listener or Listener()
    run, model, loss, feed = prepared.run, prepared.model, prepared.loss, prepared.feed
    optimiser = optimiser_of(run, model, loss)
    schedule = schedule_of(run, optimiser, steps_an_epoch=len(prepared.training_items) // run.batch_pairs)
    scaler = torch.amp.GradScaler(feed.device.type, enabled=precision_of(run, feed.device) is torch.float16)
    progress = Progress(model, loss, optimiser, schedule, scaler, average_of(run, model))
    epochs = read_state(state_file, progress) if state_file is not None and state_file.exists() else []
    listener.on_resumed(epochs)
    towers = model if ranks.count == 1 else DistributedDataParallel(across_ranks(model, feed.device))
    step_of = partial(_step, prepared, towers, progress, ranks)
    for number in range(len(epochs) + 1, run.epochs + 1):
        if is_over(epochs, run.patience):
            break
        rng = _seeded(run.seed, number, ranks.rank)
        steps: list[Losses] = []
        cuts = cuts_of(prepared.spec.query.steps, run.shared_steps, seed=(run.seed, number))
        for batch, cut in zip(_batches(prepared, rng, ranks), cuts, strict=False):
            steps.append(step_of(batch.cut(cut)))
            listener.on_step(run.batch_pairs, steps[-1])
        validation = ranks.share(partial(validated, prepared, kept_model(model, progress.average)))
        epochs.append(epoch_of(number, steps, loss.figures(), validation))
        if run.keep == "last" or number == best_of(epochs):
            progress.keep(kept_model(model, progress.average))
        if state_file is not None and ranks.is_first:
            write_state(state_file, progress, epochs)
        listener.on_epoch(epochs[-1])
    progress.restore_kept(model)
    return Trained(
        model.eval(), prepared.spec, feed, tuple(epochs), len(epochs) if run.keep == "last" else best_of(epochs)
    )


def across_ranks(model: TwoTowers, device: torch.device) -> nn.Module:
    """Batch norms that see the whole batch; raises BatchNormApart where only GPUs could make them."""
    if not any(isinstance(part, nn.BatchNorm1d) for part in model.modules()):
        return model
    if device.type != "cuda":
        raise BatchNormApart
    whole: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    return whole


def precision_of(run: RunConfig, device: torch.device) -> torch.dtype:
    """What the towers are computed in; losses are always float32."""
    if run.precision == "auto":
        return torch.bfloat16 if device.type == "cuda" and computes_bfloat16(device) else torch.float32
    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[run.precision]


def known_of(batch: Batch) -> Known:
    """What the loss may know of a batch beside its embeddings."""
    return Known(
        batch.query_BTE.mean(dim=1),
        batch.target_BTE.mean(dim=1),
        batch.text_BE,
        batch.has_text_B,
        batch.track_B,
        batch.label_BL,
    )


def _step(prepared: Prepared, towers: nn.Module, progress: Progress, ranks: Ranks, batch: Batch) -> Losses:
    run, device = prepared.run, prepared.feed.device
    dtype = precision_of(run, device)
    with torch.autocast(device.type, dtype=dtype, enabled=dtype is not torch.float32):
        # The raw side of the losses stays as it was measured: noise is for the towers alone.
        seen = batch.noised(run.feature_noise)
        query_bD, target_bD = towers(seen.query_BTE, seen.target_BTE, seen.text_BE, seen.has_text_B, seen.kept_K)
    query_BD, target_BD = (ranks.all_embeddings(side.float()) for side in (query_bD, target_bD))
    losses: Losses = prepared.loss(query_BD, target_BD, ranks.all_known(known_of(batch)))
    progress.optimiser.zero_grad()
    scaled: Tensor = progress.scaler.scale(losses.total)
    scaled.backward()
    progress.scaler.unscale_(progress.optimiser)
    nn.utils.clip_grad_norm_(prepared.model.parameters(), run.clip_norm)
    scale = progress.scaler.get_scale()
    progress.scaler.step(progress.optimiser)
    progress.scaler.update()
    # A step that overflowed in half precision was left out, with a smaller scale for the next: no step, no new rate.
    if progress.scaler.get_scale() >= scale:
        progress.schedule.step()
    if progress.average is not None:
        progress.average.update_parameters(prepared.model)
    return losses.detached()


def _batches(prepared: Prepared, rng: np.random.Generator, ranks: Ranks) -> Iterator[Batch]:
    """This rank's part of each batch, gathered while the one before is computed."""
    run, feed = prepared.run, prepared.feed
    ranks.part(run.batch_pairs)  # refuses before anything is drawn
    draws = run.drawing.draws(feed, prepared.training_items, run.text_mix, batch_pairs=run.batch_pairs, rng=rng)
    return one_ahead(feed.gather(draw.part(ranks.part(len(draw.track_B)))) for draw in draws)


def validated(prepared: Prepared, model: TwoTowers) -> dict[str, BothWays]:
    """How well the held-out pairs find each other, without words and with all of them; nothing where there are none."""
    if not len(prepared.held_out):
        return {}
    heard = set(prepared.feed.words_streams)
    briefs = {"video alone": frozenset[str](), "with words": frozenset(heard)} if heard else {"alone": frozenset[str]()}
    return {name: recalls_with(model, prepared.feed, prepared.held_out, words) for name, words in briefs.items()}


def _seeded(seed: int, epoch: int, rank: int) -> np.random.Generator:
    """Every epoch's chances follow from the seed and its number alone, so that no state of a generator is to be kept.

    torch's own (dropout, noise) differ between ranks; what is drawn of the pair set is the same for all.
    """
    torch.manual_seed(int(np.random.SeedSequence((seed, epoch, rank)).generate_state(1, np.uint64)[0] >> 1))
    return np.random.default_rng((seed, epoch))

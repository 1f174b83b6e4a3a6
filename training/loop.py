"""The training loop. It knows the model's two ways to embed and the II loss; where pairs come from it does not know.

Axes: B pairs in a batch.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from app.encoders.models import VideoMusicModel
from app.encoders.spec import EncoderSpec
from training.batches import Batch, PairFeed, shuffled
from training.errors import TrainingDiverged
from training.evaluation import BothWays
from training.losses import LogitScale, Losses, ii_loss, raw_similarity, raw_similarity_with_text
from training.pair_set import PairSet
from training.preparation import require_enough, require_fitting, standardised
from training.retrieval import BRIEFS, recalls_with
from training.runs import RunConfig


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch came to: mean losses over its batches, the factor e^{n_t} at its end, recalls on validation."""

    number: int
    loss: float
    inter: float
    intra: float
    logit_factor: float
    video_alone: BothWays
    with_both: BothWays

    def score(self) -> float:
        """What the best epoch is best in: R@5, 10 and 25 both ways, without words and with them alike."""
        ways = [
            found for both in (self.video_alone, self.with_both) for found in (both.video_to_music, both.music_to_video)
        ]
        return sum(found.r5 + found.r10 + found.r25 for found in ways) / (3 * len(ways))


@dataclass(frozen=True, slots=True)
class Trained:
    """The model as its best epoch left it, in evaluation mode, and the spec under which it serves."""

    model: VideoMusicModel
    spec: EncoderSpec
    feed: PairFeed
    epochs: tuple[Epoch, ...]
    best_epoch: int


def _tell_nobody(_: object) -> None:
    pass


def train(
    run: RunConfig,
    pairs: PairSet,
    *,
    on_step: Callable[[int], None] = _tell_nobody,
    on_epoch: Callable[[Epoch], None] = _tell_nobody,
) -> Trained:
    """Trains as `run` says; the same run on the same machine gives the same losses. Raises PairSetError."""
    torch.set_num_threads(run.threads)
    torch.manual_seed(run.seed)
    rng = np.random.default_rng(run.seed)
    training_items, held_out = pairs.items_of("train"), pairs.items_of("validation")
    require_enough(training_items, held_out, batch_pairs=run.batch_pairs)
    require_fitting(pairs, run.encoder)
    spec = standardised(run.encoder, pairs, training_items, limit=run.standardisation_limit)
    feed = PairFeed(pairs, spec, torch.device(run.device))
    model, scale = VideoMusicModel(spec).to(feed.device), LogitScale(run.logit_scale_start).to(feed.device)
    optimiser, schedule = optimiser_of(run, model, scale, steps=run.epochs * (len(training_items) // run.batch_pairs))
    epochs: list[Epoch] = []
    best_weights = model.state_dict()
    for number in range(1, run.epochs + 1):
        steps: list[Losses] = []
        for items in shuffled(training_items, size=run.batch_pairs, rng=rng):
            batch = feed.batch(items, run.text_mix.draw(len(items), rng), rng=rng)
            losses = loss_of(model, scale, batch.noised(run.feature_noise), run)
            optimiser.zero_grad()
            losses.total.backward()
            nn.utils.clip_grad_norm_(model.parameters(), run.clip_norm)
            optimiser.step()
            schedule.step()
            steps.append(losses.detached())
            on_step(len(items))
        validation = [recalls_with(model, feed, held_out, BRIEFS[brief]) for brief in ("video alone", "with both")]
        epochs.append(epoch_of(number, steps, scale, *validation))
        if number == best_of(epochs):
            best_weights = copy.deepcopy(model.state_dict())
        on_epoch(epochs[-1])
    model.load_state_dict(best_weights)
    return Trained(model.eval(), spec, feed, tuple(epochs), best_of(epochs))


def loss_of(model: VideoMusicModel, scale: LogitScale, batch: Batch, run: RunConfig) -> Losses:
    """The II loss of one batch, the raw side with words where the model hears words."""
    if batch.text_BE is None or batch.has_text_B is None:
        raw_query_BB = raw_similarity(batch.video_BTE)
    else:
        raw_query_BB = raw_similarity_with_text(
            batch.video_BTE, batch.text_BE, batch.has_text_B, form=run.raw_text_form
        )
    return ii_loss(
        model.embed_video(batch.video_BTE, batch.text_BE, batch.has_text_B),
        model.embed_music(batch.music_BTE),
        raw_similarity_query_BB=raw_query_BB,
        raw_similarity_music_BB=raw_similarity(batch.music_BTE),
        scale=scale(),
        track_B=batch.track_B,
        weights=run.loss,
    )


def optimiser_of(
    run: RunConfig, model: VideoMusicModel, scale: LogitScale, *, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Adam with decoupled decay, its rates falling to zero along half a cosine; n_t has its own rate and no decay."""
    text_rate = run.learning_rate if run.text_learning_rate is None else run.text_learning_rate
    text_side = list(model.text_state.parameters()) if model.text_state is not None else []
    towers = [*model.video.parameters(), *model.music.parameters()]
    groups = [
        {"params": towers, "lr": run.learning_rate, "weight_decay": run.weight_decay},
        {"params": text_side, "lr": text_rate, "weight_decay": run.weight_decay},
        {"params": list(scale.parameters()), "lr": run.logit_scale_learning_rate, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, betas=run.adam_betas)
    return optimiser, torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=max(1, steps))


def best_of(epochs: Sequence[Epoch]) -> int:
    """The number of the first of the best epochs."""
    return max(epochs, key=Epoch.score).number


def epoch_of(
    number: int, steps: Sequence[Losses], scale: LogitScale, video_alone: BothWays, with_both: BothWays
) -> Epoch:
    """Raises TrainingDiverged, naming the first step whose loss was no number."""
    totals = torch.stack([step.total for step in steps])
    if not totals.isfinite().all():
        raise TrainingDiverged(epoch=number, step=int((~totals.isfinite()).nonzero()[0]) + 1)
    return Epoch(
        number=number,
        loss=totals.mean().item(),
        inter=torch.stack([step.inter for step in steps]).mean().item(),
        intra=torch.stack([step.intra for step in steps]).mean().item(),
        logit_factor=scale().item(),
        video_alone=video_alone,
        with_both=with_both,
    )

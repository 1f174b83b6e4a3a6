"""Brings a run and a pair set together, and refuses before the first step what would not work."""

import torch

from app.encoders.device import resolve_device
from app.encoders.fitted_specs import FittedSpec
from training.batches import PairFeed
from training.cca import fit_cca
from training.epochs import Epoch
from training.errors import PairSetError
from training.fitting import fit_towers
from training.loop import Prepared, Trained, validated
from training.loss_modules import loss_module
from training.model_spec import ModelSpec, build_model
from training.objectives import CCA, CME, II
from training.pair_set import PairSet
from training.preparation import completed, label_table, require_enough, require_fitting
from training.ranks import own_device
from training.rows import open_rows
from training.run_config import RunConfig
from training.starting import started_spec, starter


def prepare(run: RunConfig, pairs: PairSet) -> Prepared:
    """Raises PairSetError, and DeviceUnavailable where the run wants a GPU and there is none."""
    torch.set_num_threads(run.threads)
    torch.manual_seed(run.seed)
    device = own_device(resolve_device(run.device))
    if run.encoder is not None:
        require_fitting(pairs, run.encoder)
    training_items, held_out = (pairs.items_of(split, owning=_owning(run, pairs)) for split in ("train", "validation"))
    require_enough(training_items, held_out, batch_pairs=run.batch_pairs, chooses=run.chooses_epoch)
    spec = completed(run.design, pairs, training_items, limit=run.standardisation_limit)
    started = starter() if run.start_from == "starter" else None
    if started is not None:
        spec = started_spec(spec, started.spec)
    _require_sense(run, spec)
    labels = label_table(pairs, training_items) if isinstance(run.objective, CME) else None
    streams = {name: pairs.streams[name] for name in spec.streams}
    feed = PairFeed(pairs, spec, device, open_rows(streams, device, run.data_place), labels)
    model = build_model(spec).to(device)
    if started is not None:
        model.load_state_dict(started.model.state_dict())
    if run.fitted is not None:
        try:
            fit_towers(model, feed, training_items, run.fitted)
        except ValueError as error:
            raise PairSetError(file="pairs.json", field="streams", reason=f"{run.name}: {error}") from error
    # CCA is solved; its model is only looked at.
    objective = II() if isinstance(run.objective, CCA) else run.objective
    label_count = 0 if labels is None else labels.shape[1]
    loss = loss_module(objective, embedding_dim=spec.embedding_dim, label_count=label_count).to(device)
    return Prepared(run, spec, feed, training_items, held_out, model, loss)


def solve(prepared: Prepared, objective: CCA) -> Trained:
    """Canonical correlation in the place of training: one epoch, whose loss is what the correlations lack of 1.

    Raises PairSetError where a side is narrower than the components asked for.
    """
    model = prepared.model.eval()
    try:
        correlations = fit_cca(model, prepared.feed, prepared.training_items, shrinkage=objective.shrinkage)
    except ValueError as error:
        raise PairSetError(file="pairs.json", field="streams", reason=f"{prepared.run.name}: {error}") from error
    mean = float(correlations.mean())
    epoch = Epoch(1, 1 - mean, {}, {"correlation": mean}, validated(prepared, model))
    return Trained(model, prepared.spec, prepared.feed, (epoch,), 1)


def _require_sense(run: RunConfig, spec: ModelSpec) -> None:
    """Raises ValueError where settings of the run contradict each other."""
    if run.fitted is None and isinstance(spec.query.sequence_encoder, FittedSpec):
        raise ValueError(
            f"{run.name}: towers of kind {spec.query.sequence_encoder.kind} are fitted, and nothing says how"
        )
    if run.shared_steps is not None and spec.query.steps != spec.target.steps:
        raise ValueError(f"{run.name}: sides of {spec.query.steps} and {spec.target.steps} steps cannot share any")


def _owning(run: RunConfig, pairs: PairSet) -> list[str]:
    """Streams an item must own rows in: those of both sides, where they are text, and those the run asks for."""
    sides = [side.stream for side in (run.design.query, run.design.target)]
    texts = [name for name in sides if name in pairs.streams and pairs.streams[name].form.modality == "text"]
    return [*run.owning, *texts]

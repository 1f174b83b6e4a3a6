"""What happens between opening a pair set and the first step: does it fit the run, and how is it standardised."""

import numpy as np

from app.encoders.spec import EncoderSpec, Standardisation
from training.batches import TEXT_STREAMS
from training.errors import PairSetError
from training.pair_set import Items, PairSet, standardisation


def require_enough(training_items: Items, held_out: Items, *, batch_pairs: int) -> None:
    """Raises PairSetError where the splits cannot fill one batch, or leave nothing to validate on."""
    for split, items, least in (("train", training_items, batch_pairs), ("validation", held_out, 1)):
        if len(items) < least:
            reason = f"only {len(items)} in '{split}'; at least {least} are needed"
            raise PairSetError(file="items.jsonl", field="split", reason=reason)


def require_fitting(pairs: PairSet, spec: EncoderSpec) -> None:
    """Raises PairSetError where the encoder cannot learn from these pairs: other feature spaces, items without rows."""
    wanted = {name: (side.space, side.feature_dim) for name, side in (("video", spec.video), ("music", spec.music))}
    if spec.text is not None:
        wanted |= dict.fromkeys(TEXT_STREAMS, (spec.text.space, spec.text.feature_dim))
    for name, (space, dim) in wanted.items():
        stream = pairs.streams.get(name)
        if stream is None:
            raise PairSetError(file="pairs.json", field=f"streams.{name}", reason="is missing")
        if (stream.form.space, stream.form.dim) != (space, dim):
            reason = f"is {stream.form.space}, {stream.form.dim} wide, where the run needs {space}, {dim} wide"
            raise PairSetError(file="pairs.json", field=f"streams.{name}.space", reason=reason)
    for name in ("video", "music"):
        bare = np.flatnonzero(np.diff(pairs.streams[name].offsets) == 0)
        if len(bare):
            item = pairs.items[int(bare[0])].id
            raise PairSetError(file=f"{name}_offsets.npy", field="offsets", item=item, reason="owns no rows")


def standardised(spec: EncoderSpec, pairs: PairSet, items: Items, *, limit: float | None) -> EncoderSpec:
    """The spec with mean and deviation of the items' features filled in; as it is where `limit` is None."""
    if limit is None:
        return spec
    sides = {}
    for name in ("video", "music"):
        mean, deviation = standardisation(pairs.streams[name], items)
        filled = Standardisation(mean=tuple(mean.tolist()), deviation=tuple(deviation.tolist()), limit=limit)
        sides[name] = getattr(spec, name).model_copy(update={"standardisation": filled})
    return spec.model_copy(update=sides)

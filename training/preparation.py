"""What happens between opening a pair set and the first step: does it fit the run, and how is it standardised."""

import numpy as np
from numpy.typing import NDArray

from app.encoders.fitted_specs import require_fitted_side
from app.encoders.spec import EncoderSpec, Standardisation
from training.design import ModelDesign, TowerDesign, WordsDesign
from training.errors import PairSetError
from training.measured_with import MEASURED_WITH_FILE, measured_with
from training.model_spec import ModelSpec, TowerSpec, WordsSpec
from training.pair_set import MODALITIES, Items, PairSet, Stream, standardisation


def require_enough(training_items: Items, held_out: Items, *, batch_pairs: int, chooses: bool = True) -> None:
    """Raises PairSetError where the splits cannot fill one batch, or leave nothing to validate on.

    `chooses`: whether the run chooses its epoch, and so needs validation at all.
    """
    for split, items, least in (("train", training_items, batch_pairs), ("validation", held_out, int(chooses))):
        if len(items) < least:
            reason = f"only {len(items)} in '{split}'; at least {least} are needed"
            raise PairSetError(file="items.jsonl", field="split", reason=reason)


def require_fitting(pairs: PairSet, encoder: EncoderSpec) -> None:
    """Raises PairSetError where the pairs were not measured with the encoder's backbones."""
    wanted = {
        name: (side.space, side.feature_dim) for name, side in (("video", encoder.video), ("music", encoder.music))
    }
    if encoder.text is not None:
        wanted |= dict.fromkeys(("title", "keywords"), (encoder.text.space, encoder.text.feature_dim))
    for name, (space, dim) in wanted.items():
        require_space(pairs, name, space, dim)
    measured = measured_with(pairs)
    for name, side in (("video", encoder.video), ("music", encoder.music)):
        if measured is not None and getattr(measured, name).sampling != side.sampling:
            reason = f"is {getattr(measured, name).sampling}, where {side.sampling} is needed"
            raise PairSetError(file=MEASURED_WITH_FILE, field=f"{name}.sampling", reason=reason)


def require_space(pairs: PairSet, name: str, space: str, dim: int) -> None:
    """Raises PairSetError where the stream is missing or holds other features."""
    form = _stream(pairs, name).form
    if (form.space, form.dim) != (space, dim):
        reason = f"is {form.space}, {form.dim} wide, where {space}, {dim} wide, is needed"
        raise PairSetError(file="pairs.json", field=f"streams.{name}.space", reason=reason)


def require_spec(pairs: PairSet, spec: ModelSpec) -> None:
    """Raises PairSetError where a trained model cannot take these pairs."""
    for side in (spec.query, spec.target):
        require_space(pairs, side.stream, side.space, side.feature_dim)
        _require_rows(pairs, side.stream)
    if spec.words is not None:
        for name in spec.words.streams:
            require_space(pairs, name, spec.words.space, spec.words.feature_dim)


def completed(design: ModelDesign, pairs: PairSet, items: Items, *, limit: float | None) -> ModelSpec:
    """The design with what the pair set says of its streams; raises PairSetError where they do not fit.

    `limit`: mean and deviation over the items' rows are filled in, values held within so many deviations; None: none.
    Text is a direction and never standardised.
    """
    words = None if design.words is None else _words(design.words, pairs)
    query, target = (_tower(side, pairs, items, limit) for side in (design.query, design.target))
    for tower in (query, target):
        _require_fitted_side(tower, design.embedding_dim)
    return ModelSpec(
        format_version=1,
        embedding_dim=design.embedding_dim,
        query=query,
        words=words,
        target=target,
        shared=design.shared,
    )


def label_table(pairs: PairSet, items: Items) -> NDArray[np.bool_]:
    """(N, L): which of the labels that occur among `items` each item has. Raises PairSetError where there are none."""
    known = sorted({str(label) for number in items for label in pairs.items[int(number)].labels})
    if not known:
        reason = "no item has labels, which the classification loss needs"
        raise PairSetError(file="items.jsonl", field="labels", reason=reason)
    column = {label: at for at, label in enumerate(known)}
    table = np.zeros((len(pairs.items), len(known)), np.bool_)
    for number, item in enumerate(pairs.items):
        table[number, [column[str(label)] for label in item.labels if str(label) in column]] = 1
    return table


def _tower(side: TowerDesign, pairs: PairSet, items: Items, limit: float | None) -> TowerSpec:
    stream = _stream(pairs, side.stream)
    is_text = stream.form.modality == "text"
    if not is_text:
        _require_rows(pairs, side.stream)
    return TowerSpec(
        stream=side.stream,
        modality=next(known for known in MODALITIES if known == stream.form.modality),
        space=stream.form.space,
        feature_dim=stream.form.dim,
        steps=1 if is_text else side.steps or _measured_steps(pairs, side.stream),
        sampling=side.sampling,
        window_rows=side.window_rows,
        standardisation=None if limit is None or is_text else _standardisation(stream, items, limit),
        sequence_encoder=side.sequence_encoder,
    )


def _measured_steps(pairs: PairSet, stream: str) -> int:
    measured = measured_with(pairs)
    if measured is None:
        reason = "is not there: this run takes the sampling from it, and these features were measured elsewhere"
        raise PairSetError(file=MEASURED_WITH_FILE, field="file", reason=reason)
    return measured.video.sampling.instants if stream == "video" else measured.music.sampling.windows


def _require_fitted_side(tower: TowerSpec, embedding_dim: int) -> None:
    try:
        require_fitted_side(tower, embedding_dim=embedding_dim)
    except ValueError as error:
        raise PairSetError(file="pairs.json", field=f"streams.{tower.stream}.dim", reason=str(error)) from error


def _words(design: WordsDesign, pairs: PairSet) -> WordsSpec:
    first = _stream(pairs, design.streams[0]).form
    for name in design.streams[1:]:
        require_space(pairs, name, first.space, first.dim)
    return WordsSpec(
        streams=design.streams,
        space=first.space,
        feature_dim=first.dim,
        bottleneck=design.bottleneck,
        initial_state=design.initial_state,
    )


def _standardisation(stream: Stream, items: Items, limit: float) -> Standardisation:
    mean, deviation = standardisation(stream, items)
    return Standardisation(mean=tuple(mean.tolist()), deviation=tuple(deviation.tolist()), limit=limit)


def _stream(pairs: PairSet, name: str) -> Stream:
    if name not in pairs.streams:
        raise PairSetError(file="pairs.json", field=f"streams.{name}", reason="is missing")
    return pairs.streams[name]


def _require_rows(pairs: PairSet, name: str) -> None:
    if pairs.streams[name].form.modality == "text":
        return
    bare = np.flatnonzero(np.diff(pairs.streams[name].offsets) == 0)
    if len(bare):
        item = pairs.items[int(bare[0])].id
        raise PairSetError(file=f"{name}_offsets.npy", field="offsets", item=item, reason="owns no rows")

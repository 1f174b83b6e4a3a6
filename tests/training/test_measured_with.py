import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.pairs_at_random import LINEAR, tiny_encoder, write_random_pairs
from training.checkpoints import spec_of
from training.design import design_of
from training.errors import PairSetError
from training.measured_with import (
    MEASURED_WITH_FILE,
    can_serve,
    document_of,
    measured_by,
    measured_with,
    serving_encoder,
)
from training.model_spec import ModelSpec
from training.pair_set_reader import open_pair_set
from training.preparation import completed

MEASURED = measured_by(tiny_encoder())


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs"))
    return completed(design_of(tiny_encoder()), pairs, pairs.items_of("train"), limit=4.0)


def test_what_a_pair_set_was_measured_with_comes_back(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", measured=True))
    found = measured_with(pairs)
    assert found == MEASURED
    assert found is not None
    assert found.video.sampling.instants == found.music.sampling.windows == 8


def test_features_of_elsewhere_were_measured_with_nothing_of_ours(tmp_path: Path) -> None:
    assert measured_with(open_pair_set(write_random_pairs(tmp_path / "pairs"))) is None


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"video": None, "music": None, "text": None})])
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, text: str) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs"))
    (pairs.folder / MEASURED_WITH_FILE).write_text(text)
    with pytest.raises(PairSetError) as caught:
        measured_with(pairs)
    assert caught.value.file == "measured_with.json"


def test_a_backbone_that_is_not_known_is_refused(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", measured=True))
    document = json.loads(document_of(MEASURED))
    document["music"]["backbone"]["name"] = "ears"
    (pairs.folder / MEASURED_WITH_FILE).write_text(json.dumps(document))
    with pytest.raises(PairSetError, match="music"):
        measured_with(pairs)


def test_the_encoder_that_serves_has_what_was_measured_and_what_was_trained(spec: ModelSpec) -> None:
    encoder = serving_encoder("mine", spec, MEASURED)
    assert encoder is not None
    assert encoder.name == "mine"
    assert measured_by(encoder) == MEASURED
    # The streams, spaces, widths, steps and standardisation of the model that was trained.
    served = spec_of(encoder)
    assert served.query.standardisation == spec.query.standardisation
    assert served == spec.model_copy(
        update={side: getattr(spec, side).model_copy(update={"window_rows": 8}) for side in ("query", "target")}
    )


def test_a_model_without_words_serves_without_reading_any(spec: ModelSpec) -> None:
    encoder = serving_encoder("mine", spec.model_copy(update={"words": None}), MEASURED)
    assert encoder is not None
    assert encoder.text is None


def test_a_model_that_no_server_could_measure_a_file_for_does_not_serve(spec: ModelSpec) -> None:
    other_steps = spec.model_copy(update={"target": spec.target.model_copy(update={"steps": 4})})
    fixed_duration = spec.model_copy(update={"query": spec.query.model_copy(update={"sampling": "fd"})})
    backwards = spec.model_copy(update={"query": spec.target, "target": spec.query, "words": None})
    half_the_words = spec.model_copy(
        update={"words": spec.words and spec.words.model_copy(update={"streams": ("title",)})}
    )
    for unfit in (other_steps, fixed_duration, backwards, half_the_words):
        assert not can_serve(unfit, MEASURED)
        assert serving_encoder("mine", unfit, MEASURED) is None
    assert can_serve(spec, MEASURED)


def test_a_model_with_words_does_not_serve_where_no_words_were_measured(spec: ModelSpec) -> None:
    assert not can_serve(spec, MEASURED.model_copy(update={"text": None}))


def test_a_shared_tower_does_not_serve(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "others", with_words=False))
    design = design_of(tiny_encoder())
    sides = (replace(side, sequence_encoder=LINEAR) for side in (design.query, design.target))
    spec = completed(
        replace(design, query=next(sides), target=next(sides), words=None), pairs, pairs.items_of("train"), limit=None
    )
    assert can_serve(spec, MEASURED)
    assert not can_serve(spec.model_copy(update={"shared": True}), MEASURED)

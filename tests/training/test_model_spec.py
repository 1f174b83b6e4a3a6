import json
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from app.encoders.sequence_specs import BiLSTMSpec
from tests.training.pairs_at_random import LINEAR, LSTM
from training.model_spec import ModelSpec, TowerSpec, WordsSpec, build_model

WORDS = WordsSpec(streams=("title",), space="words", feature_dim=4, bottleneck=3, initial_state="hidden_and_cell")


def tower(stream: str, *, feature_dim: int = 6, encoder: Any = LSTM) -> TowerSpec:
    return TowerSpec(
        stream=stream,
        modality="video",
        space="made-up",
        feature_dim=feature_dim,
        steps=8,
        sampling="gs",
        window_rows=30,
        standardisation=None,
        sequence_encoder=encoder,
    )


def model_spec(**changed: Any) -> ModelSpec:
    fields: dict[str, Any] = {
        "query": tower("video"),
        "target": tower("music", feature_dim=5),
        "words": WORDS,
        "shared": False,
    }
    return ModelSpec(format_version=1, embedding_dim=7, **(fields | changed))


def test_a_model_takes_its_sides_and_words_as_wide_as_the_spec_says() -> None:
    model = build_model(model_spec()).eval()
    query_BD, target_BD = model(torch.randn(3, 8, 6), torch.randn(3, 2, 5), torch.randn(3, 4))
    assert query_BD.shape == target_BD.shape == (3, 7)
    torch.testing.assert_close(query_BD.norm(dim=1), torch.ones(3))


def test_one_seed_gives_one_set_of_weights() -> None:
    states = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        states.append(build_model(model_spec()).state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert not torch.equal(states[0]["query.lstm.weight_ih_l0"], states[2]["query.lstm.weight_ih_l0"])


def test_a_shared_tower_is_one_module_for_both_sides() -> None:
    side = tower("image", encoder=LINEAR)
    model = build_model(model_spec(query=side, target=side, words=None, shared=True))
    assert model.query is model.target
    assert len(list(model.parameters())) == 2
    images = torch.randn(3, 1, 6)
    assert torch.equal(model.embed_query(images), model.embed_target(images))


@pytest.mark.parametrize(
    "other", [tower("image", feature_dim=5), tower("image", encoder=LSTM.model_copy(update={"width": 7}))]
)
def test_sides_of_another_width_or_encoder_cannot_share_a_tower(other: TowerSpec) -> None:
    with pytest.raises(ValidationError, match="shared tower"):
        model_spec(query=tower("image"), target=other, words=None, shared=True)


def test_words_need_a_query_with_a_state_to_set() -> None:
    with pytest.raises(ValidationError, match="bilstm"):
        model_spec(query=tower("video", encoder=LINEAR))
    assert model_spec(query=tower("video", encoder=LINEAR), words=None).words is None


@pytest.mark.parametrize(
    "changed",
    [
        {"format_version": 2},
        {"embedding_dim": 0},
        {"shared": "yes"},
        {"surprise": 1},
        {"query": {**tower("video").model_dump(mode="json"), "modality": "smell"}},
        {"words": {**WORDS.model_dump(mode="json"), "streams": []}},
    ],
)
def test_what_is_wrong_in_the_document_is_refused(changed: dict[str, object]) -> None:
    document = model_spec().model_dump(mode="json")
    assert ModelSpec.model_validate_json(json.dumps(document)) == model_spec()
    with pytest.raises(ValidationError):
        ModelSpec.model_validate_json(json.dumps(document | changed))


def test_the_encoder_of_a_side_is_read_back_by_its_kind() -> None:
    spec = ModelSpec.model_validate_json(model_spec(target=tower("music", encoder=LINEAR)).model_dump_json())
    assert isinstance(spec.query.sequence_encoder, BiLSTMSpec)
    assert spec.target.sequence_encoder == LINEAR

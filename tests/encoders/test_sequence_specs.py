"""What `encoder.json` may say of sequence encoders: old files still say the same, and what cannot work is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

import app.encoders
from app.encoders.sequence_specs import AttentionSpec, BiLSTMSpec, FCSpec, GCNSpec
from app.encoders.spec import EncoderSpec, canonical_json, parse_spec
from app.errors import CheckpointError
from tests.encoders.checkpoints import small_spec

BILSTM = {"kind": "bilstm", "width": 96, "layers": 1, "dropout": 0.3, "pooling": "mean"}
FC = {"kind": "fc", "width": 96, "layers": 2, "dropout": 0.3, "batch_norm": True}
GCN = {"kind": "gcn", "width": 96, "layers": 2, "dropout": 0.3}
ATTENTION = {"kind": "attention", "width": 96, "layers": 2, "heads": 4, "dropout": 0.3}


def document(*, video: dict[str, Any], music: dict[str, Any], with_text: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = small_spec(with_text=with_text).model_dump(mode="json")
    made["video"]["sequence_encoder"], made["music"]["sequence_encoder"] = video, music
    return made


def parsed(made: dict[str, Any]) -> EncoderSpec:
    return parse_spec(json.loads(json.dumps(made)), checkpoint="somewhere")


def fault_of(made: dict[str, Any]) -> CheckpointError:
    with pytest.raises(CheckpointError) as caught:
        parsed(made)
    return caught.value


def test_the_json_of_a_bilstm_of_before_is_read_and_written_unchanged() -> None:
    made = document(video=BILSTM, music={**BILSTM, "pooling": "last"}, with_text=True)
    spec = parsed(made)
    assert spec.video.sequence_encoder == BiLSTMSpec(kind="bilstm", width=96, layers=1, dropout=0.3, pooling="mean")
    assert canonical_json(spec.model_dump(mode="json")) == canonical_json(made)


def test_the_starters_own_file_says_the_same_after_it_was_read() -> None:
    text = (Path(app.encoders.__file__).parent / "starter" / "encoder.json").read_text(encoding="utf-8")
    made = json.loads(text)
    assert made["video"]["sequence_encoder"] == BILSTM
    assert canonical_json(parsed(made).model_dump(mode="json")) == canonical_json(made)


@pytest.mark.parametrize(
    ("encoder", "expected"),
    [
        (FC, FCSpec(kind="fc", width=96, layers=2, dropout=0.3, batch_norm=True)),
        (GCN, GCNSpec(kind="gcn", width=96, layers=2, dropout=0.3)),
        (ATTENTION, AttentionSpec(kind="attention", width=96, layers=2, heads=4, dropout=0.3)),
    ],
)
def test_each_other_kind_is_told_by_its_name(encoder: dict[str, Any], expected: object) -> None:
    spec = parsed(document(video=BILSTM, music=encoder, with_text=True))
    assert spec.music.sequence_encoder == expected
    assert parsed(spec.model_dump(mode="json")) == spec
    assert parsed(document(video=encoder, music=BILSTM)).video.sequence_encoder == expected


@pytest.mark.parametrize(
    ("encoder", "field"),
    [
        ({**FC, "pooling": "mean"}, "pooling"),
        ({**GCN, "batch_norm": True}, "batch_norm"),
        ({**ATTENTION, "dropout": 1.0}, "dropout"),
        ({**FC, "layers": 0}, "layers"),
        ({key: value for key, value in ATTENTION.items() if key != "heads"}, "heads"),
        ({**ATTENTION, "heads": 0}, "heads"),
    ],
)
def test_a_wrong_missing_or_foreign_field_is_named_where_the_file_has_it(encoder: dict[str, Any], field: str) -> None:
    assert fault_of(document(video=BILSTM, music=encoder)).field == f"music.sequence_encoder.{field}"


@pytest.mark.parametrize(("width", "heads"), [(96, 5), (10, 4), (9, 3), (4, 8)])
def test_attention_heads_must_divide_an_even_width(width: int, heads: int) -> None:
    error = fault_of(document(video={**ATTENTION, "width": width, "heads": heads}, music=BILSTM))
    assert error.field == "video.sequence_encoder"
    assert f"width {width}" in error.reason
    assert f"{heads} heads" in error.reason


@pytest.mark.parametrize("encoder", [FC, GCN, ATTENTION], ids=lambda encoder: str(encoder["kind"]))
def test_a_text_side_on_a_video_without_a_state_is_refused(encoder: dict[str, Any]) -> None:
    error = fault_of(document(video=encoder, music=BILSTM, with_text=True))
    assert "text side" in error.reason
    assert "bilstm" in error.reason

import copy
import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain import FramePlan, SoundPlan
from app.encoders.backbone_specs import ClipImage
from app.encoders.spec import canonical_json, digest_of, parse_spec, read_spec
from app.errors import CheckpointError
from tests.encoders.checkpoints import small_spec

Change = Callable[[dict[str, Any]], object]


def document() -> dict[str, Any]:
    dumped: dict[str, Any] = small_spec().model_dump(mode="json")
    return dumped


def fault_of(change: Change) -> CheckpointError:
    changed = copy.deepcopy(document())
    change(changed)
    with pytest.raises(CheckpointError) as caught:
        parse_spec(changed, checkpoint="somewhere")
    assert str(caught.value).startswith(f"checkpoint somewhere: {caught.value.field}: ")
    return caught.value


def test_a_spec_survives_being_written_and_read() -> None:
    assert parse_spec(json.loads(json.dumps(document())), checkpoint="x") == small_spec()


def test_the_plans_for_media_come_from_the_spec() -> None:
    spec = small_spec()
    assert spec.frame_plan() == FramePlan(6, 64, 36, "stretch", "area", motion_instants=2, frame_budget=60)
    assert spec.sound_plan() == SoundPlan(rate_hz=22050, windows=3, window_samples=65536)
    assert (spec.video.steps, spec.music.steps) == (6, 3)


def test_each_feature_space_has_a_name() -> None:
    spec = small_spec()
    assert spec.text is not None
    assert spec.video.space == "signal-video:1"
    assert spec.music.space == "signal-music:1"
    assert spec.text.space == "hashed-text:1:6144+2048"
    clip = ClipImage(
        name="clip-image",
        model="ViT-B-32",
        pretrained="laion2b_s34b_b79k",
        weights_file=None,
        weights_sha256=None,
        precision="auto",
    )
    assert clip.space == "clip-image:ViT-B-32:laion2b_s34b_b79k"


def test_features_taken_at_other_windows_are_not_stored_under_one_name() -> None:
    spec = small_spec()
    sampling = spec.music.sampling.model_copy(update={"windows": 4})
    assert spec.music.model_copy(update={"sampling": sampling}).stored_space != spec.music.stored_space


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d.pop("embedding_dim"), "embedding_dim"),
        (lambda d: d.update(colour="red"), "colour"),
        (lambda d: d.update(embedding_dim="16"), "embedding_dim"),
        (lambda d: d.update(embedding_dim=0), "embedding_dim"),
        (lambda d: d["video"].pop("sampling"), "video.sampling"),
        (lambda d: d["video"]["sampling"].update(fit="squeeze"), "video.sampling.fit"),
        (lambda d: d["video"]["sampling"].update(instants=True), "video.sampling.instants"),
        (lambda d: d["video"]["backbone"].update(name="signal-smell"), "video.backbone"),
        (lambda d: d["video"]["backbone"].update(version=2), "video.backbone.version"),
        (lambda d: d["video"]["backbone"].update(precision="bf16"), "video.backbone.precision"),
        (lambda d: d["video"]["sequence_encoder"].update(kind="mamba"), "video.sequence_encoder"),
        (lambda d: d["video"]["sequence_encoder"].update(dropout=1.0), "video.sequence_encoder.dropout"),
        (lambda d: d["video"]["standardisation"]["mean"].pop(), "video.standardisation.mean"),
        (lambda d: d["music"]["standardisation"]["deviation"].append(1.0), "music.standardisation.deviation"),
        (lambda d: d["music"]["standardisation"]["deviation"].__setitem__(3, 0.0), "music.standardisation.deviation.3"),
        (lambda d: d["music"]["standardisation"]["mean"].__setitem__(5, math.nan), "music.standardisation.mean.5"),
        (lambda d: d["music"]["standardisation"].update(limit=math.inf), "music.standardisation.limit"),
        (lambda d: d["text"]["backbone"].update(word_buckets=0), "text.backbone.word_buckets"),
        (lambda d: d["text"].update(initial_state="both"), "text.initial_state"),
    ],
)
def test_a_wrong_missing_or_unknown_field_is_named(change: Change, field: str) -> None:
    assert fault_of(change).field == field


@pytest.mark.parametrize("version", [0, 2, "1", None, True])
def test_an_unknown_format_version_is_told_before_anything_else(version: object) -> None:
    error = fault_of(lambda d: d.update(format_version=version, video=None))
    assert error.field == "format_version"
    assert repr(version) in error.reason


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ({"pretrained": None}, "exactly one source"),
        ({"weights_file": "w.safetensors", "weights_sha256": "0" * 64}, "exactly one source"),
        ({"pretrained": None, "weights_file": "w.safetensors"}, "belong together"),
        ({"model": "local-dir:/tmp", "pretrained": None}, "local model"),
        ({"model": "hf-hub:a/b"}, "exactly one source"),
    ],
)
def test_a_clip_backbone_names_one_source_of_weights(weights: dict[str, str | None], reason: str) -> None:
    backbone = {
        "name": "clip-image",
        "model": "ViT-B-32",
        "pretrained": "openai",
        "weights_file": None,
        "weights_sha256": None,
        "precision": "auto",
        **weights,
    }
    error = fault_of(lambda d: d["video"].update(backbone=backbone))
    assert error.field == "video.backbone"
    assert reason in error.reason


@pytest.mark.parametrize(("content", "reason"), [(b"{", "no JSON"), (b"[]", "no JSON object"), (b"\xff", "no JSON")])
def test_a_file_that_holds_no_json_object_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "encoder.json").write_bytes(content)
    with pytest.raises(CheckpointError, match=reason):
        read_spec(tmp_path)


def test_a_folder_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        read_spec(tmp_path / "nothing")
    assert caught.value.field == "encoder.json"


def test_the_digest_is_over_the_canonical_json_without_about_and_then_the_weights(tmp_path: Path) -> None:
    (tmp_path / "encoder.json").write_text('{ "b": "ü", "about": {"r": 1},\n "a": [1, 2.5] }', encoding="utf-8")
    (tmp_path / "weights.safetensors").write_bytes(b"weights")
    expected = hashlib.sha256('{"a":[1,2.5],"b":"ü"}'.encode() + b"weights").hexdigest()
    assert digest_of(tmp_path) == f"sha256:{expected}"


def test_what_a_checkpoint_says_about_itself_is_no_part_of_its_identity() -> None:
    changed = {**document(), "about": {"recall": 0.5}}
    assert canonical_json(changed) == canonical_json(document())
    assert canonical_json({**document(), "name": "other"}) != canonical_json(document())


def test_a_checkpoint_without_weights_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "encoder.json").write_text("{}")
    with pytest.raises(CheckpointError) as caught:
        digest_of(tmp_path)
    assert caught.value.field == "weights.safetensors"

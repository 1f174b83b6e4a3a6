import copy
import json
from typing import Any

import pytest

from app.encoders.backbone_specs import SignalMusic, VGGish
from app.encoders.spec import canonical_json, parse_spec, read_spec
from app.errors import CheckpointError
from app.settings import STARTER_CHECKPOINT
from tests.encoders.checkpoints import small_spec

SHA256 = "0123456789abcdef" + "0" * 48
VGGISH = {
    "name": "vggish",
    "weights_file": "vggish.safetensors",
    "weights_url": None,
    "weights_sha256": SHA256,
    "postprocess": False,
}


def document(**backbone: object) -> dict[str, Any]:
    dumped: dict[str, Any] = copy.deepcopy(small_spec().model_dump(mode="json"))
    dumped["music"]["backbone"] = {**VGGISH, **backbone}
    return dumped


def test_the_shipped_checkpoint_is_read_and_named_as_before_there_was_a_choice_of_music_backbones() -> None:
    spec = read_spec(STARTER_CHECKPOINT)
    stored = json.loads((STARTER_CHECKPOINT / "encoder.json").read_text())
    assert spec.music.backbone == SignalMusic(name="signal-music", version=1)
    assert canonical_json(spec.model_dump(mode="json")) == canonical_json(stored)


def test_a_vggish_backbone_is_named_by_its_weights_and_by_what_is_done_after_them() -> None:
    plain = parse_spec(document(), checkpoint="x").music
    assert isinstance(plain.backbone, VGGish)
    assert plain.space == "vggish:0123456789abcdef"
    assert parse_spec(document(postprocess=True), checkpoint="x").music.space == "vggish:0123456789abcdef:yt8m"


@pytest.mark.parametrize(
    ("backbone", "field", "reason"),
    [
        ({"weights_file": None}, "music.backbone", "exactly one source"),
        ({"weights_url": "https://example.org/v.safetensors"}, "music.backbone", "exactly one source"),
        ({"weights_file": None, "weights_url": "file:///etc/passwd"}, "music.backbone.weights_url", "match"),
        ({"weights_sha256": "12"}, "music.backbone.weights_sha256", "match"),
        ({"postprocess": "yes"}, "music.backbone.postprocess", "bool"),
        ({"version": 1}, "music.backbone.version", "Extra"),
        ({"name": "vggish-2"}, "music.backbone", "vggish-2"),
    ],
)
def test_a_wrong_vggish_backbone_is_named(backbone: dict[str, object], field: str, reason: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        parse_spec(document(**backbone), checkpoint="x")
    assert caught.value.field == field
    assert reason in caught.value.reason

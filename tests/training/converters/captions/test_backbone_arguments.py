from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from training.converters.captions.backbone_arguments import media_backbone, text_backbone

SHA = "ab" * 32


def test_computed_backbones_are_named_by_a_word() -> None:
    assert media_backbone("signal-video").space == "signal-video:1"
    assert text_backbone("hashed-text").space == "hashed-text:1:6144+2048"
    assert text_backbone("hashed-text:1024+512").space == "hashed-text:1:1024+512"


def test_a_clip_model_is_named_with_its_tag() -> None:
    named = "ViT-B-32:laion2b_s34b_b79k"
    assert media_backbone(f"clip-image:{named}").space == f"clip-image:{named}"
    assert text_backbone(f"clip-text:{named}").space == f"clip-text:{named}"


def test_a_clip_model_is_named_with_its_weights_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    spec = media_backbone(f"clip-image:ViT-B-32:sha256={SHA}:my:weights.pt")
    assert spec.space == f"clip-image:ViT-B-32:{SHA[:16]}"
    assert spec.model_dump()["weights_file"] == str(tmp_path / "my:weights.pt")
    assert spec.model_dump()["pretrained"] is None


def test_a_model_of_a_hub_brings_its_own_weights() -> None:
    spec = text_backbone("clip-text:hf-hub:org/name")
    assert spec.model_dump()["model"] == "hf-hub:org/name"


def test_vectors_are_computed_in_one_precision_on_every_machine() -> None:
    assert media_backbone("clip-image:ViT-B-32:openai").model_dump()["precision"] == "fp32"


@pytest.mark.parametrize("named", ["", "signal", "clip-image", "clip-image:ViT-B-32", "clip-text:ViT-B-32:openai"])
def test_other_media_backbones_are_refused(named: str) -> None:
    with pytest.raises(ArgumentTypeError):
        media_backbone(named)


@pytest.mark.parametrize(
    "named", ["hashed-text:", "hashed-text:12", "hashed-text:0+5", "clip-image:ViT-B-32:openai", ""]
)
def test_other_text_backbones_are_refused(named: str) -> None:
    with pytest.raises(ArgumentTypeError):
        text_backbone(named)

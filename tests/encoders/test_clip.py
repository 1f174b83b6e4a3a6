"""With a tiny model of open_clip's own making and random weights on disk: nothing is fetched."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from app.domain import Brief, Frames, Motion, VideoMaterial
from app.encoders.backbone_specs import ClipImage, ClipText
from app.encoders.checkpoint import load_checkpoint, save_checkpoint
from app.encoders.clip_loader import import_open_clip
from app.encoders.encoder import Encoder
from app.encoders.spec import EncoderSpec, FrameSampling, TextSide
from app.errors import CheckpointError
from tests.encoders.checkpoints import cosines, small_model, small_spec, some_track
from tests.encoders.tiny_clip import NAME, SIZE, WIDTH, save_tiny_clip, sha256_of

INSTANTS = 5


@pytest.fixture(scope="module")
def weights_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Makes the model known to open_clip; holds its weights as .safetensors, as .pt, and as something unsafe."""
    folder = tmp_path_factory.mktemp("clip")
    state = save_tiny_clip(folder)
    torch.save(state, folder / "tiny.pt")
    torch.save({"state_dict": state, "code": Path}, folder / "unsafe.pt")
    return folder


def clip_spec(weights: Path, *, precision: str = "fp32", name: str = NAME, size: int = SIZE) -> EncoderSpec:
    """Pictures and words through CLIP, music through signals: any mixture by the JSON alone."""
    source = {
        "model": name,
        "pretrained": None,
        "weights_file": str(weights),
        "weights_sha256": sha256_of(weights),
        "precision": precision,
    }
    plain = small_spec()
    sampling = FrameSampling(
        instants=INSTANTS,
        width=size,
        height=size,
        fit="crop",
        interpolation="bicubic",
        motion_instants=0,
        frame_budget=60,
    )
    video = plain.video.model_copy(
        update={
            "backbone": ClipImage.model_validate({"name": "clip-image", **source}),
            "feature_dim": WIDTH,
            "sampling": sampling,
            "standardisation": None,
        }
    )
    text = TextSide(
        backbone=ClipText.model_validate({"name": "clip-text", **source}),
        feature_dim=WIDTH,
        bottleneck=8,
        initial_state="hidden",
    )
    return plain.model_copy(update={"video": video, "text": text})


def clip_encoder(folder: Path, spec: EncoderSpec) -> Encoder:
    save_checkpoint(folder, spec, small_model(spec))
    return load_checkpoint(folder, "cpu")


def pictures(seed: int) -> VideoMaterial:
    rng = np.random.default_rng(seed)
    rgb = rng.integers(0, 256, (INSTANTS, SIZE, SIZE, 3), dtype=np.uint8)
    return VideoMaterial(10.0, Frames(rgb, np.arange(INSTANTS, dtype=np.float32)), _no_motion())


def _no_motion() -> Motion:
    return Motion(np.zeros(0, np.float32), np.zeros(0, np.float32))


@pytest.fixture(scope="module")
def encoder(weights_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return clip_encoder(tmp_path_factory.mktemp("checkpoint") / "clip", clip_spec(weights_folder / "tiny.safetensors"))


def reference_images(weights_folder: Path, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """By open_clip's own preprocessing of each picture."""
    model, preprocess = import_open_clip().create_model_from_pretrained(NAME, str(weights_folder / "tiny.safetensors"))
    batch = torch.stack([preprocess(Image.fromarray(picture)) for picture in rgb])
    with torch.no_grad():
        vectors: NDArray[np.float32] = model.eval().encode_image(batch, normalize=True).numpy()
    return vectors


def test_image_features_are_open_clips_own(encoder: Encoder, weights_folder: Path) -> None:
    material = pictures(1)
    found = encoder.video_features([material])[0]
    assert found.shape == (INSTANTS, WIDTH)
    expected = reference_images(weights_folder, material.frames.rgb)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert cosines(found[:1], found[1:2]) < 0.9999


def test_the_space_names_the_model_and_its_weights(encoder: Encoder, weights_folder: Path) -> None:
    assert encoder.spec.video.space == f"clip-image:{NAME}:{sha256_of(weights_folder / 'tiny.safetensors')[:16]}"


def test_text_vectors_are_unit_and_differ(encoder: Encoder) -> None:
    night, day = encoder.text_vector(["racing at night"]), encoder.text_vector(["a calm day"])
    assert night is not None
    assert day is not None
    assert np.linalg.norm(night) == pytest.approx(1, abs=1e-6)
    assert night @ day < 0.9999
    both = encoder.text_vector(["racing at night", "a calm day"])
    assert both is not None
    np.testing.assert_allclose(both, (night + day) / np.linalg.norm(night + day), atol=1e-5)


def test_clip_pictures_and_words_go_with_signal_music(encoder: Encoder) -> None:
    features = np.repeat(encoder.video_features([pictures(1)]), 2, axis=0)
    silent, titled = encoder.embed_videos(features, [Brief(), Brief(title="racing at night")])
    track = encoder.embed_tracks(encoder.music_features([some_track(1)]))[0]
    assert silent.shape == titled.shape == track.shape == (16,)
    assert silent @ titled < 0.9999


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_files_pictures_have_the_same_features_whatever_else_is_in_the_batch(
    weights_folder: Path, tmp_path: Path, precision: str
) -> None:
    encoder = clip_encoder(tmp_path / "clip", clip_spec(weights_folder / "tiny.safetensors", precision=precision))
    materials = [pictures(seed) for seed in range(5)]
    alone = np.concatenate([encoder.video_features([material]) for material in materials])
    np.testing.assert_array_equal(encoder.video_features(materials), alone)


def test_bfloat16_stays_near_float32(encoder: Encoder, weights_folder: Path, tmp_path: Path) -> None:
    shortened = clip_encoder(tmp_path / "clip", clip_spec(weights_folder / "tiny.safetensors", precision="bf16"))
    exact, near = encoder.video_features([pictures(2)])[0], shortened.video_features([pictures(2)])[0]
    assert cosines(exact, near).min() > 0.999
    assert not np.array_equal(exact, near)


def test_weights_may_be_a_pt_file_without_code_in_it(encoder: Encoder, weights_folder: Path, tmp_path: Path) -> None:
    other = clip_encoder(tmp_path / "clip", clip_spec(weights_folder / "tiny.pt"))
    np.testing.assert_array_equal(other.video_features([pictures(3)]), encoder.video_features([pictures(3)]))


def fault_of(folder: Path, spec: EncoderSpec) -> CheckpointError:
    with pytest.raises(CheckpointError) as caught:
        clip_encoder(folder, spec)
    return caught.value


def test_weights_that_could_run_code_are_refused(weights_folder: Path, tmp_path: Path) -> None:
    error = fault_of(tmp_path / "clip", clip_spec(weights_folder / "unsafe.pt"))
    assert error.field == "video.backbone"
    assert "weights_only" in error.reason.lower() or "weights only" in error.reason.lower()


def test_weights_with_another_sha256_are_refused(weights_folder: Path, tmp_path: Path) -> None:
    weights = tmp_path / "w.safetensors"
    weights.write_bytes((weights_folder / "tiny.safetensors").read_bytes())
    spec = clip_spec(weights)
    weights.write_bytes((weights_folder / "tiny.pt").read_bytes())
    error = fault_of(tmp_path / "clip", spec)
    assert error.field == "video.backbone.weights_sha256"
    assert sha256_of(weights) in error.reason


def test_missing_weights_are_named(weights_folder: Path, tmp_path: Path) -> None:
    weights = tmp_path / "w.safetensors"
    weights.write_bytes(b"x")
    spec = clip_spec(weights)
    weights.unlink()
    assert fault_of(tmp_path / "clip", spec).field == "video.backbone.weights_file"


def test_weights_beside_the_checkpoint_are_found_by_their_name(weights_folder: Path, tmp_path: Path) -> None:
    spec = clip_spec(weights_folder / "tiny.safetensors")
    document = spec.model_dump(mode="json")
    for side in ("video", "text"):
        document[side]["backbone"]["weights_file"] = "tiny.safetensors"
    moved = EncoderSpec.model_validate_json(json.dumps(document))
    save_checkpoint(tmp_path / "clip", moved, small_model(moved))
    (tmp_path / "clip" / "tiny.safetensors").write_bytes((weights_folder / "tiny.safetensors").read_bytes())
    assert load_checkpoint(tmp_path / "clip", "cpu").video_features([pictures(1)]).shape == (1, INSTANTS, WIDTH)


def test_an_unknown_model_or_tag_is_named(weights_folder: Path, tmp_path: Path) -> None:
    unknown = clip_spec(weights_folder / "tiny.safetensors", name="ViT-Q-99")
    error = fault_of(tmp_path / "clip", unknown)
    assert error.field == "video.backbone"
    assert "ViT-Q-99" in error.reason


def test_frames_of_another_size_than_the_model_takes_are_refused(weights_folder: Path, tmp_path: Path) -> None:
    error = fault_of(tmp_path / "clip", clip_spec(weights_folder / "tiny.safetensors", size=48))
    assert error.field == "video.sampling"
    assert "32" in error.reason


def test_many_instants_go_through_in_chunks_of_one_size(encoder: Encoder) -> None:
    rgb = np.random.default_rng(4).integers(0, 256, (130, SIZE, SIZE, 3), dtype=np.uint8)
    times_s = np.arange(130, dtype=np.float32)
    material = VideoMaterial(130.0, Frames(rgb, times_s), _no_motion())
    found = encoder.video_features([material])[0]
    first = VideoMaterial(130.0, Frames(rgb[:INSTANTS], times_s[:INSTANTS]), _no_motion())
    assert found.shape == (130, WIDTH)
    np.testing.assert_allclose(found[:INSTANTS], encoder.video_features([first])[0], atol=1e-5)

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from app.encoders.backbone_specs import SignalMusic
from app.encoders.clip_loader import ClipLoader, import_open_clip
from app.encoders.signal_music import FEATURE_NAMES as SOUND_FIGURES
from app.encoders.signal_video import FEATURE_NAMES as PICTURE_FIGURES
from app.errors import CheckpointError
from tests.encoders.tiny_clip import WIDTH as CLIP_WIDTH
from tests.media_files import Film, tone, write_sound, write_text, write_video
from tests.training.converters.captions.conftest import CLIP_NAME
from tests.training.converters.captions.sides import rows_of
from training.converters.captions.backbone_arguments import media_backbone
from training.converters.captions.captioned_set import CaptionedItem, Medium
from training.converters.captions.measured import MeasuredMedia, MediaBackboneSpec, measured_media

SOUND = SignalMusic(name="signal-music", version=1)


def item(*names: str) -> CaptionedItem:
    return CaptionedItem(names[0], names, ("x",), "train")


def media(folder: Path, medium: Medium, backbone: MediaBackboneSpec, steps: int = 3) -> MeasuredMedia:
    clips = ClipLoader(folder, device=torch.device("cpu"), cache_dir=None)
    return measured_media(folder, medium, backbone, clips, steps=steps, device="cpu")


def write_picture(path: Path, width: int = 64, height: int = 48) -> None:
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)).save(path)


def test_a_sound_has_its_windows_and_a_short_one_too(tmp_path: Path) -> None:
    write_sound(tmp_path / " far, away.wav", codec="pcm_s16le", samples=tone(7, rate_hz=44_100))
    write_sound(tmp_path / "short.wav", codec="pcm_s16le", seconds=1)
    side = media(tmp_path, "audio", SOUND)
    take = side.open()
    rows = [rows_of(take(item(name))) for name in (" far, away", "short")]
    assert [found.shape for found in rows] == [(3, len(SOUND_FIGURES))] * 2
    assert (side.plan.form.modality, side.plan.form.space) == ("audio", "signal-music:1")
    assert side.plan.form.dim == len(SOUND_FIGURES)
    assert side.plan.form.steps == "3 windows of 4 s"


def test_a_video_has_its_instants(tmp_path: Path) -> None:
    write_video(tmp_path / "video7.mp4", Film(seconds=2, size=(64, 48)))
    side = media(tmp_path, "video", media_backbone("signal-video"))
    rows = rows_of(side.open()(item("video7")))
    assert rows.shape == (3, side.plan.form.dim) == (3, len(PICTURE_FIGURES))


def test_an_image_has_one_step_whatever_steps_are_asked_for(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.jpg")
    side = media(tmp_path, "image", media_backbone("signal-video"), steps=9)
    assert rows_of(side.open()(item("a"))).shape == (1, len(PICTURE_FIGURES))
    assert side.plan.form.steps == "one an image"


def test_an_image_through_clip_has_open_clips_own_vector(tmp_path: Path, clip_named: str) -> None:
    write_picture(tmp_path / "a.png", 70, 41)
    side = media(tmp_path, "image", media_backbone(f"clip-image:{clip_named}"))
    rows = rows_of(side.open()(item("a")))
    weights = clip_named.rpartition(":")[2]
    model, preprocess = import_open_clip().create_model_from_pretrained(CLIP_NAME, weights)
    with torch.no_grad():
        expected = model.eval().encode_image(preprocess(Image.open(tmp_path / "a.png"))[None], normalize=True).numpy()
    np.testing.assert_allclose(rows, expected, atol=1e-5)
    assert side.plan.form.dim == CLIP_WIDTH
    assert side.plan.stored_as == "float16"


def test_instants_of_a_video_through_clip_are_unit_vectors_that_differ(tmp_path: Path, clip_named: str) -> None:
    write_video(tmp_path / "Ptf_2VRj-V0_000122_000132.mp4", Film(seconds=2, size=(64, 48)))
    side = media(tmp_path, "video", media_backbone(f"clip-image:{clip_named}"))
    rows = rows_of(side.open()(item("Ptf_2VRj-V0_000122_000132")))
    assert rows.shape == (3, CLIP_WIDTH)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[2] < 0.99999


def test_a_file_measured_twice_has_the_same_features(tmp_path: Path, clip_named: str) -> None:
    write_picture(tmp_path / "a.jpg")
    write_picture(tmp_path / "b.jpg", 33, 33)
    take = media(tmp_path, "image", media_backbone(f"clip-image:{clip_named}")).open()
    first, _, again = (rows_of(take(item(name))) for name in "aba")
    assert np.array_equal(first, again)


def test_missing_and_unreadable_files_are_left_out_by_stable_reasons(tmp_path: Path) -> None:
    write_text(tmp_path / "text.wav")
    write_sound(tmp_path / "silent.wav", codec="pcm_s16le", samples=tone(2, amplitude=0))
    write_video(tmp_path / "film.wav", Film(seconds=1, container="mp4"))
    write_text(tmp_path / "text.jpg")
    write_sound(tmp_path / "sound.mp4", codec="aac")
    hear = media(tmp_path, "audio", SOUND).open()
    see = media(tmp_path, "image", media_backbone("signal-video")).open()
    watch = media(tmp_path, "video", media_backbone("signal-video")).open()
    taken = [hear(item(name)) for name in ("gone", "text", "silent", "film")]
    taken += [see(item("gone")), see(item("text")), watch(item("sound"))]
    assert all(found.rows is None for found in taken)
    assert [found.left_out[0].reason for found in taken] == [
        "missing_media",
        "unreadable_media",
        "silent_audio",
        "no_audio_stream",
        "missing_media",
        "unreadable_media",
        "no_video_stream",
    ]


def test_the_second_name_of_a_file_is_tried(tmp_path: Path) -> None:
    write_picture(tmp_path / "b.JPG")
    assert media(tmp_path, "image", media_backbone("signal-video")).open()(item("a", "b")).rows is not None


def test_weights_that_are_not_the_ones_named_are_refused(tmp_path: Path, clip_named: str) -> None:
    model, _, weights = clip_named.split(":")
    with pytest.raises(CheckpointError, match="weights_sha256"):
        media(tmp_path, "image", media_backbone(f"clip-image:{model}:sha256={'0' * 64}:{weights}"))

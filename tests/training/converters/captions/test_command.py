import json
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import SetupError
from tests.media_files import write_sound
from tests.training.converters.captions.layouts import coco_image, write_clotho, write_karpathy
from training.convert import main
from training.converters.captions.command import CAPTIONED_SETS
from training.converters.converter import Source
from training.pair_set_reader import open_pair_set


def source(*arguments: str | Path) -> Source:
    parser = ArgumentParser()
    CAPTIONED_SETS.add_arguments(parser)
    return CAPTIONED_SETS.open_source(parser.parse_args([str(argument) for argument in arguments]))


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """Karpathy's JSON for seven images, and features of all but the last and of all captions."""
    splits = ["train", "restval", "val", "test", "train", "train", "train"]
    images = [coco_image(number, split, ["A man.", "A dog.", ""]) for number, split in enumerate(splits, start=1)]
    write_karpathy(tmp_path / "dataset_coco.json", *images)
    for name in ("features", "words"):
        (tmp_path / name).mkdir()
    for number in range(1, 7):
        np.save(tmp_path / f"features/{number}.npy", np.full((3, 4), number, np.float32))
    for number in range(1, 8):
        np.save(tmp_path / f"words/{number}.npy", np.full((3, 2), number, np.float32))
    return tmp_path


def stored(folder: Path) -> list[str | Path]:
    features: list[str | Path] = ["--features", folder / "features", "--feature-space", "vision:1"]
    words: list[str | Path] = ["--caption-features", folder / "words", "--caption-space", "words:1"]
    return ["coco", "--annotations", folder, *features, *words]


def test_a_set_with_stored_features_becomes_a_pair_set(coco: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["captions", *(str(argument) for argument in stored(coco)), "--out", str(coco / "pairs"), "--processes", "1"])
    pairs = open_pair_set(coco / "pairs")
    assert (pairs.query, pairs.target) == (("image",), ("captions",))
    assert [item.id for item in pairs.items] == ["1", "2", "3", "4", "5", "6"]
    assert [item.track for item in pairs.items] == [item.id for item in pairs.items]
    assert [len(pairs.items_of(split)) for split in ("train", "validation", "test")] == [4, 1, 1]
    image, captions = pairs.streams["image"], pairs.streams["captions"]
    assert (image.form.modality, image.form.space, image.form.dim) == ("image", "vision:1", 4)
    assert (captions.form.modality, captions.form.space, captions.form.dim) == ("text", "words:1", 2)
    assert np.diff(captions.offsets).tolist() == [2] * 6
    assert captions.values(captions.offsets[:-1])[:, 0].tolist() == [1, 2, 3, 4, 5, 6]
    assert "7,missing_features,image" in (coco / "pairs/left_out.csv").read_text()
    assert json.loads((coco / "pairs/conversion.json").read_text())["settings"]["set"] == "coco"
    assert "| paper     | 113,287 |" in capsys.readouterr().out


def test_sounds_are_measured_beside_hashed_captions(tmp_path: Path) -> None:
    write_clotho(tmp_path, {"development": ["a, b.wav", "gone.wav"], "evaluation": ["c.wav"]})
    (tmp_path / "development").mkdir()
    write_sound(tmp_path / "development/a, b.wav", codec="pcm_s16le", seconds=1)
    words = ["--text-backbone", "hashed-text:64+32", "--device", "cpu", "--steps", "2"]
    opened = source("clotho", "--annotations", tmp_path, "--media", tmp_path, *words)
    made = opened.jobs[0].convert()
    assert [item.id for item in made.items] == ["a, b"]
    assert [left.reason for left in made.left_out] == ["missing_media"] * 2
    assert made.features["captions"][0].shape == (5, 96)
    assert made.features["audio"][0].shape == (2, opened.plan.streams["audio"].form.dim)
    assert (opened.plan.query, opened.plan.target) == (("audio",), ("captions",))


def test_images_and_captions_go_through_one_clip_model(coco: Path, clip_named: str) -> None:
    (coco / "val2014").mkdir()
    for number in range(1, 8):
        Image.new("RGB", (40, 30), (30 * number, 0, 0)).save(coco / f"val2014/COCO_val2014_{number:012d}.jpg")
    backbones = ["--image-backbone", f"clip-image:{clip_named}", "--text-backbone", f"clip-text:{clip_named}"]
    opened = source("coco", "--annotations", coco, "--media", coco, *backbones, "--device", "cpu")
    made = opened.jobs[0].convert()
    assert len(made.items) == 7
    dims = {name: plan.form.dim for name, plan in opened.plan.streams.items()}
    assert dims["image"] == dims["captions"]
    assert [left.reason for left in made.left_out] == ["empty_caption"] * 7


def test_caltech256_is_one_stream_on_both_sides_with_pairs_drawn_a_class(tmp_path: Path) -> None:
    for label in ("001.ak47", "002.american-flag"):
        (tmp_path / label).mkdir()
        for number in range(1, 8):
            Image.new("RGB", (20, 20), (30 * number, 0, 0)).save(tmp_path / label / f"{label[:3]}_{number:04d}.jpg")
    opened = source("caltech256", "--media", tmp_path, "--image-backbone", "signal-video", "--device", "cpu")
    assert (opened.plan.query, opened.plan.target) == (("image",), ("image",))
    assert list(opened.plan.streams) == ["image"]
    items = opened.together(opened.jobs[0].convert().items)
    assert [item.labels for item in items if item.split == "test"] == [("001.ak47",)] * 2 + [("002.american-flag",)] * 2
    assert sum(item.split == "validation" for item in items) == 4
    assert sum(item.split == "train" for item in items) == 6


def test_all_captions_of_a_test_video_are_for_msrvtt_alone(coco: Path) -> None:
    with pytest.raises(SetupError, match="--all-test-captions"):
        source(*stored(coco), "--all-test-captions")


def test_what_cannot_be_held_out_is_told_before_anything_is_measured(coco: Path) -> None:
    with pytest.raises(SetupError, match="--validation"):
        source(*stored(coco), "--validation", "1")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["clotho", "--media", "."], "--annotations"),
        (["clotho", "--media", ".", "--annotations", "nowhere"], "--annotations"),
        (["caltech256", "--media", "nowhere"], "--media"),
        (["clotho", "--annotations", ".", "--features", "."], "--feature-space"),
        (["clotho", "--annotations", ".", "--media", ".", "--feature-space", "x"], "--feature-space"),
        (["clotho", "--annotations", ".", "--media", ".", "--caption-features", "."], "--caption-space"),
        (["clotho", "--annotations", ".", "--media", ".", "--steps", "0"], "--steps"),
        (["clotho", "--annotations", ".", "--media", ".", "--validation", "-1"], "--validation"),
    ],
)
def test_arguments_that_cannot_be_followed_are_named(arguments: list[str], field: str) -> None:
    with pytest.raises(SetupError, match=f"arguments: {field}"):
        source(*arguments)


def test_a_clip_model_that_cannot_be_loaded_is_a_setup_error(coco: Path) -> None:
    named = f"clip-image:ViT-B-32:sha256={'0' * 64}:{coco / 'gone.pt'}"
    with pytest.raises(SetupError, match=r"image\.backbone\.weights_file"):
        source("coco", "--annotations", coco, "--media", coco, "--image-backbone", named)


def test_the_help_names_the_files_of_every_set(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["captions", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    for name in ("clotho_captions_development.csv", "dataset_coco.json", "results_20130124.token", "caltech256"):
        assert name in shown

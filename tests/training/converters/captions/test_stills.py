from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.encoders.clip_loader import import_open_clip
from app.errors import PictureTooLarge, UnreadableMedia
from tests.media_files import truncate
from training.converters.captions.stills import read_still

SIDE = 32


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8))


def still(path: Path, fit: Literal["stretch", "crop"] = "crop", max_pixels: int = 10**7) -> NDArray[np.uint8]:
    return read_still(path, width=SIDE, height=SIDE, fit=fit, max_pixels=max_pixels)


@pytest.mark.parametrize("size", [(32, 32), (64, 48), (48, 65), (500, 333), (20, 31), (101, 37)])
@pytest.mark.parametrize(("fit", "mode"), [("crop", "shortest"), ("stretch", "squash")])
def test_pixels_are_those_of_open_clips_own_preprocessing(
    tmp_path: Path, size: tuple[int, int], fit: Literal["stretch", "crop"], mode: str
) -> None:
    noise(*size).save(tmp_path / "a.png")
    transform = import_open_clip().image_transform(
        SIDE, is_train=False, mean=(0.0,) * 3, std=(1.0,) * 3, resize_mode=mode, interpolation="bicubic"
    )
    expected = transform(Image.open(tmp_path / "a.png")).permute(1, 2, 0).numpy() * 255
    np.testing.assert_allclose(still(tmp_path / "a.png", fit), expected, atol=1e-3)


def test_a_turned_picture_is_set_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 40), "black")
    picture.paste("white", (0, 0, 40, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "a.jpg", exif=exif, quality=95)
    pixels = still(tmp_path / "a.jpg")
    assert pixels[:, SIDE // 2 + 4 :].mean() > 250
    assert pixels[:, : SIDE // 2 - 4].mean() < 5


@pytest.mark.parametrize(("mode", "name"), [("L", "a.jpg"), ("CMYK", "a.jpg"), ("P", "a.gif"), ("RGBA", "a.png")])
def test_grey_printed_and_transparent_pictures_become_rgb(tmp_path: Path, mode: str, name: str) -> None:
    noise(40, 50).convert(mode).save(tmp_path / name)
    assert still(tmp_path / name).shape == (SIDE, SIDE, 3)


def test_what_is_in_the_file_counts_not_its_name(tmp_path: Path) -> None:
    noise(40, 50).save(tmp_path / "a.jpg", format="PNG")
    assert still(tmp_path / "a.jpg").std() > 10


def test_a_very_long_picture_costs_no_more_than_its_middle(tmp_path: Path) -> None:
    picture = Image.new("RGB", (20_000, 2), "white")
    picture.paste("black", (9_000, 0, 11_000, 2))
    picture.save(tmp_path / "a.png")
    assert still(tmp_path / "a.png").max() == 0


def test_damaged_files_and_other_files_are_refused(tmp_path: Path) -> None:
    noise(300, 300).save(tmp_path / "a.jpg")
    truncate(tmp_path / "a.jpg", 0.4)
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    noise(30, 30).save(tmp_path / "tiff.jpg", format="TIFF")
    for name in ("a.jpg", "text.jpg", "empty.jpg", "tiff.jpg"):
        with pytest.raises(UnreadableMedia):
            still(tmp_path / name)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    noise(40, 50).save(tmp_path / "a.png")
    with pytest.raises(PictureTooLarge):
        still(tmp_path / "a.png", max_pixels=1_999)
    assert still(tmp_path / "a.png", max_pixels=2_000).shape == (SIDE, SIDE, 3)

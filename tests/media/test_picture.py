from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.media.picture import Painter, Picture, quarter_turns
from tests.media_files import Film, write_video

RED, GREEN, BLUE, GREY = (230, 20, 20), (20, 200, 20), (20, 20, 230), (128, 128, 128)


def quarters(index: int, size: tuple[int, int]) -> Picture:
    """Red over blue on the left, green over grey on the right."""
    picture = np.empty((size[1], size[0], 3), np.uint8)
    middle, centre = size[1] // 2, size[0] // 2
    picture[:middle, :centre], picture[:middle, centre:] = RED, GREEN
    picture[middle:, :centre], picture[middle:, centre:] = BLUE, GREY
    return picture


def stored(path: Path, film: Film) -> av.VideoFrame:
    with av.open(write_video(path, film, quarters)) as container:
        return next(container.decode(video=0))


def corners(picture: Picture) -> list[tuple[int, ...]]:
    """The nearest of the four colours in each corner: top left, top right, bottom left, bottom right."""
    height, width = picture.shape[:2]
    spots = [picture[y, x] for y in (height // 8, -height // 8) for x in (width // 8, -width // 8)]
    colours = [RED, GREEN, BLUE, GREY]
    return [min(colours, key=lambda colour: float(np.abs(spot - np.array(colour)).sum())) for spot in spots]


@pytest.mark.parametrize(
    ("rotation", "expected"),
    [
        (0, [RED, GREEN, BLUE, GREY]),
        (90, [BLUE, RED, GREY, GREEN]),
        (180, [GREY, BLUE, GREEN, RED]),
        (270, [GREEN, GREY, RED, BLUE]),
    ],
)
def test_pictures_stand_upright(tmp_path: Path, rotation: int, expected: list[tuple[int, ...]]) -> None:
    frame = stored(tmp_path / "clip.mp4", Film(size=(128, 64), rotation=rotation))
    picture = Painter((40, 80)).rgb(frame, sample_aspect=1.0)
    assert picture.shape == (80, 40, 3)
    assert corners(picture) == expected
    assert quarter_turns(frame) == (-rotation // 90) % 4


def ramp(index: int, size: tuple[int, int]) -> Picture:
    """Black on the left to white on the right."""
    columns = np.linspace(0, 255, size[0]).astype(np.uint8)
    return np.tile(columns[None, :, None], (size[1], 1, 3))


@pytest.mark.parametrize(
    ("film", "sample_aspect", "share_of_the_ramp"),
    [
        (Film(size=(128, 128)), 1.0, 1.0),
        (Film(size=(256, 64)), 1.0, 1 / 4),
        (Film(size=(128, 128), sample_aspect=Fraction(2)), 2.0, 1 / 2),
    ],
)
def test_stretching_keeps_the_whole_picture_and_cropping_its_centre_as_it_is_shown(
    tmp_path: Path, film: Film, sample_aspect: float, share_of_the_ramp: float
) -> None:
    with av.open(write_video(tmp_path / "clip.mp4", film, ramp)) as container:
        frame = next(container.decode(video=0))
    whole = Painter((64, 64), "stretch").rgb(frame, sample_aspect=sample_aspect)
    centre = Painter((64, 64), "crop").rgb(frame, sample_aspect=sample_aspect)
    assert np.ptp(whole[32].astype(int)) > 240
    assert np.ptp(centre[32].astype(int)) == pytest.approx(255 * share_of_the_ramp, abs=12)


def test_grey_pictures_keep_the_proportions_that_are_shown(tmp_path: Path) -> None:
    upright = stored(tmp_path / "a.mp4", Film(size=(128, 64)))
    turned = stored(tmp_path / "b.mp4", Film(size=(128, 64), rotation=90))
    painter = Painter((160, 160))
    assert painter.grey(upright, sample_aspect=1.0).shape == (80, 160)
    assert painter.grey(upright, sample_aspect=2.0).shape == (40, 160)
    assert painter.grey(turned, sample_aspect=1.0).shape == (320, 160)


@pytest.mark.parametrize("size", [(16, 1024), (1024, 16), (2, 2)])
def test_very_long_and_very_small_pictures_are_painted(tmp_path: Path, size: tuple[int, int]) -> None:
    frame = stored(tmp_path / "clip.mkv", Film(size=size, codec="ffv1", pixel_format="yuv444p"))
    for fit in ("stretch", "crop"):
        assert Painter((96, 64), fit, "bicubic").rgb(frame, sample_aspect=1.0).shape == (64, 96, 3)
    assert Painter((160, 160)).grey(frame, sample_aspect=1.0).shape[1] == 160

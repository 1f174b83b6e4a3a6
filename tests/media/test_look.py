from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from app.domain import Frames, Motion, VideoMaterial
from app.media.look import look_of

BLACK, WHITE, RED, BLUE = (0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 0, 255)
Picture = NDArray[np.uint8]


def plain(colour: tuple[int, int, int], *, size: tuple[int, int] = (36, 64)) -> Picture:
    return np.full((*size, 3), colour, np.uint8)


def film(
    pictures: Sequence[Picture], *, times_s: Sequence[float] | None = None, speed: Sequence[float] = ()
) -> VideoMaterial:
    taken_s = np.arange(len(pictures)) if times_s is None else np.array(times_s)
    frames = Frames(np.stack(pictures), taken_s.astype(np.float32))
    moved = Motion(np.array(speed, np.float32), np.arange(len(speed), dtype=np.float32))
    return VideoMaterial(float(len(pictures)), frames, moved)


def test_light_goes_from_black_to_white() -> None:
    assert look_of(film([plain(BLACK)])).light == 0.0
    assert look_of(film([plain(WHITE)])).light == pytest.approx(1.0)
    assert look_of(film([plain(BLACK), plain(WHITE)])).light == pytest.approx(0.5)


def test_warmth_is_red_less_blue() -> None:
    assert look_of(film([plain(RED)])).warmth == pytest.approx(1.0)
    assert look_of(film([plain(BLUE)])).warmth == pytest.approx(-1.0)
    assert look_of(film([plain(WHITE)])).warmth == pytest.approx(0.0)


def test_pace_is_the_mean_speed_and_unknown_without_motion() -> None:
    assert look_of(film([plain(RED)], speed=[0.1, 0.3])).pace == pytest.approx(0.2)
    assert look_of(film([plain(RED)])).pace is None


def test_change_is_the_share_of_the_picture_that_becomes_another() -> None:
    half = plain(BLACK)
    half[:, :32] = 255
    assert look_of(film([plain(BLACK), half])).change == pytest.approx(0.5)
    assert look_of(film([half, half, half])).change == 0.0
    assert look_of(film([plain(BLACK), plain(WHITE), plain(BLACK)])).change == 1.0


def test_a_frame_that_stands_for_several_instants_is_looked_at_once() -> None:
    pictures = [plain(BLACK), plain(BLACK), plain(BLACK), plain(WHITE)]
    look = look_of(film(pictures, times_s=[1.0, 1.0, 1.0, 9.0]))
    assert look.light == pytest.approx(0.5)
    assert look.change == 1.0


def test_grain_and_a_small_title_are_hardly_any_change() -> None:
    rng = np.random.default_rng(1)
    grainy = [(128 + rng.normal(0, 20, (54, 96, 3))).clip(0, 255).astype(np.uint8) for _ in range(4)]
    assert look_of(film(grainy)).change == 0.0
    titled = plain(BLACK)
    titled[32:34, 10:20] = 255
    assert look_of(film([plain(BLACK), titled])).change < 0.03


@pytest.mark.parametrize("size", [(224, 224), (5, 7), (1, 1), (54, 97)])
def test_pictures_of_any_size_are_measured(size: tuple[int, int]) -> None:
    look = look_of(film([plain(RED, size=size), plain(WHITE, size=size)]))
    assert look.light == pytest.approx((0.2126 + 1) / 2, abs=1e-4)
    assert look.change == 1.0

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from app.domain import Frames, Motion, VideoMaterial
from app.encoders.signal_video import FEATURE_NAMES, SignalVideo
from tests.encoders.checkpoints import some_video

HEIGHT, WIDTH = 36, 64
Picture = NDArray[np.uint8]
Features = dict[str, NDArray[np.float32]]


@pytest.fixture(scope="module")
def backbone() -> SignalVideo:
    return SignalVideo(device=torch.device("cpu"))


def flat(red: int, green: int, blue: int) -> Picture:
    return np.broadcast_to(np.array([red, green, blue], np.uint8), (HEIGHT, WIDTH, 3))


def video(
    pictures: Sequence[Picture], *, gap_s: float = 1.0, speed: Sequence[float] = (), speed_times_s: Sequence[float] = ()
) -> VideoMaterial:
    times_s = (np.arange(len(pictures)) * gap_s).astype(np.float32)
    motion = Motion(np.array(speed, np.float32), np.array(speed_times_s, np.float32))
    return VideoMaterial(10.0, Frames(np.stack(pictures), times_s), motion)


def measured(backbone: SignalVideo, material: VideoMaterial) -> Features:
    """By name, each of shape (S,)."""
    columns = backbone.features([material])[0].numpy().T
    return dict(zip(FEATURE_NAMES, columns, strict=True))


def test_features_have_one_column_a_name_and_keep_videos_and_instants_apart(backbone: SignalVideo) -> None:
    materials = [some_video(seed) for seed in range(5)]
    together = backbone.features(materials)
    assert together.shape == (5, 6, len(FEATURE_NAMES)) == (5, 6, backbone.feature_dim)
    for number, material in enumerate(materials):
        torch.testing.assert_close(together[number], backbone.features([material])[0])
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES)


@pytest.mark.parametrize("size", [(224, 224), (72, 128), (9, 7), (3, 3)])
def test_frames_may_have_any_size(backbone: SignalVideo, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, *size, 3), dtype=np.uint8)
    assert backbone.features([video(list(pixels))]).isfinite().all()


def test_light_is_told_from_dark(backbone: SignalVideo) -> None:
    features = measured(backbone, video([flat(0, 0, 0), flat(128, 128, 128), flat(255, 255, 255)]))
    assert features["luma_mean"] == pytest.approx([0, 128 / 255, 1], abs=1e-5)
    assert features["dark_share"] == pytest.approx([1, 0, 0])
    assert features["bright_share"] == pytest.approx([0, 0, 1])
    for name in ("luma_deviation", "saturation_mean", "warmth", "detail_across", "edge_density"):
        assert features[name] == pytest.approx([0, 0, 0], abs=1e-4), name


def test_contrast_shows_in_the_percentiles(backbone: SignalVideo) -> None:
    halves = np.concatenate([flat(0, 0, 0)[:, : WIDTH // 2], flat(255, 255, 255)[:, : WIDTH // 2]], axis=1)
    features = measured(backbone, video([halves]))
    assert features["luma_p05"][0] == 0
    assert features["luma_p95"][0] == pytest.approx(1)
    assert features["luma_deviation"][0] == pytest.approx(0.5)
    assert features["asymmetry"][0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("colour", "hue"),
    [
        ((200, 0, 0), "red"),
        ((200, 200, 0), "yellow"),
        ((0, 200, 0), "green"),
        ((0, 200, 200), "cyan"),
        ((0, 0, 200), "blue"),
        ((200, 0, 200), "magenta"),
    ],
)
def test_each_colour_falls_on_its_hue(backbone: SignalVideo, colour: tuple[int, int, int], hue: str) -> None:
    features = measured(backbone, video([flat(*colour)]))
    hues = {name: features[name][0] for name in FEATURE_NAMES if name.startswith("hue_")}
    assert max(hues, key=lambda name: hues[name]) == f"hue_{hue}"
    assert features["saturation_mean"][0] == pytest.approx(1)


def test_sunset_is_warm_and_the_sea_is_cool(backbone: SignalVideo) -> None:
    warmth = measured(backbone, video([flat(230, 130, 60), flat(40, 110, 190), flat(90, 90, 90)]))["warmth"]
    assert warmth[0] > 0.8
    assert warmth[1] < -0.8
    assert warmth[2] == pytest.approx(0, abs=1e-4)


def test_fine_stripes_have_more_detail_across_than_down(backbone: SignalVideo) -> None:
    stripes = np.where(np.arange(WIDTH) % 2, 255, 0)[None, :, None] * np.ones((HEIGHT, 1, 3))
    features = measured(backbone, video([stripes.astype(np.uint8)]))
    assert features["detail_across"][0] == pytest.approx(1)
    assert features["detail_down"][0] == 0
    assert features["edge_density"][0] == 1
    assert features["detail_coarse"][0] < 0.01


def test_the_thirds_show_where_the_light_is(backbone: SignalVideo) -> None:
    sky = flat(20, 20, 20).copy()
    sky[: HEIGHT // 3] = 220
    features = measured(backbone, video([sky]))
    for column in "lcr":
        assert features[f"luma_third_t{column}"][0] > 0.4
        assert features[f"luma_third_b{column}"][0] < -0.2


def test_a_cut_changes_more_than_a_still_and_the_first_instant_changes_from_nothing(backbone: SignalVideo) -> None:
    features = measured(backbone, video([flat(20, 40, 200), flat(20, 40, 200), flat(240, 200, 20)]))
    for name in ("histogram_change", "luma_change", "colour_change"):
        assert features[name][:2] == pytest.approx([0, 0], abs=1e-6), name
        assert features[name][2] > 0.3, name


def test_gaps_and_duration_are_known_on_a_logarithmic_scale(backbone: SignalVideo) -> None:
    features = measured(backbone, video([flat(0, 0, 0)] * 3, gap_s=4.9))
    assert features["gap_log"] == pytest.approx(np.log([0.1, 5.0, 5.0]), abs=1e-5)
    assert features["duration_log"] == pytest.approx([np.log(11)] * 3)


def test_a_frame_that_stands_for_several_instants_repeats_what_is_said_of_it(backbone: SignalVideo) -> None:
    blue, yellow = flat(20, 40, 200), flat(240, 200, 20)
    once = measured(backbone, video([blue, yellow, blue], gap_s=4.9))
    pictures = [blue, blue, yellow, yellow, yellow, blue]
    times_s = np.array([0, 0, 4.9, 4.9, 4.9, 9.8], np.float32)
    repeated = measured(backbone, replace(video(pictures), frames=Frames(np.stack(pictures), times_s)))
    for name in FEATURE_NAMES:
        np.testing.assert_allclose(repeated[name], once[name][[0, 0, 1, 1, 1, 2]], atol=1e-5, err_msg=name)


def test_motion_is_interpolated_at_the_instants(backbone: SignalVideo) -> None:
    material = video([flat(0, 0, 0)] * 3, gap_s=5.0, speed=[0.0, 0.5], speed_times_s=[0.0, 10.0])
    features = measured(backbone, material)
    fast = np.log1p(20 * 0.5)
    assert features["motion"] == pytest.approx([0, fast / 2, fast])
    assert features["motion_mean"] == pytest.approx([fast / 2] * 3)
    assert features["motion_deviation"] == pytest.approx([fast / 2] * 3)
    assert features["motion_measured"].tolist() == [1, 1, 1]


def test_motion_that_was_not_measured_is_told_from_stillness(backbone: SignalVideo) -> None:
    unknown = measured(backbone, video([flat(0, 0, 0)] * 2))
    still = measured(backbone, video([flat(0, 0, 0)] * 2, speed=[0.0], speed_times_s=[1.0]))
    assert unknown["motion_measured"].tolist() == [0, 0]
    assert still["motion_measured"].tolist() == [1, 1]
    assert unknown["motion"].tolist() == still["motion"].tolist() == [0, 0]


def test_a_video_of_one_instant_has_features(backbone: SignalVideo) -> None:
    assert backbone.features([video([flat(9, 9, 9)])]).isfinite().all()

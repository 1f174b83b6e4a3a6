"""The `signal-video` backbone: what can be measured of small pictures, batched in torch. Knows no files."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from app.domain import Float32Array, VideoMaterial

# Axes: B videos, S instants of a video, I pictures, C colour channels, H height, X width, P pixels, E features.

_HUES = ("red", "yellow", "green", "cyan", "blue", "magenta")
_LUMA_BINS = 16
# Percentiles, histogram and change are taken from pictures averaged down to this (height, width).
_COARSE = (18, 32)

FEATURE_NAMES = (
    # Light: luma (Rec. 709 weights on the values as coded, 0 black to 1 white).
    "luma_mean",
    "luma_deviation",
    "luma_p05",
    "luma_p50",
    "luma_p95",
    "dark_share",  # pixels under 0.2
    "bright_share",  # pixels over 0.8
    # Colour: opponent channels and colourfulness after Hasler & Süsstrunk 2003.
    "red_green_mean",
    "red_green_deviation",
    "yellow_blue_mean",
    "yellow_blue_deviation",
    "saturation_mean",
    "saturation_deviation",
    "colourfulness",
    "warmth",  # warm less cool hues, as a share of all colour; 0 for grey
    *(f"hue_{hue}" for hue in _HUES),  # mean amount of colour towards each hue
    # Texture: mean step of luma to the next pixel.
    "detail_across",
    "detail_down",
    "detail_coarse",  # both together in the picture averaged down
    "edge_density",  # share of pixels with a step over 0.1
    # Composition: luma of the thirds, row by row, less the mean.
    *(f"luma_third_{row}{column}" for row in "tmb" for column in "lcr"),
    "centre_saturation",  # middle third less the whole
    "asymmetry",  # mean difference of luma to the mirrored picture
    # Change since the frame before; 0 at the first. A frame that stands for several instants (a long video without
    # enough keyframes) repeats what is said of it: stillness would be untrue.
    "histogram_change",
    "luma_change",
    "colour_change",
    "gap_log",  # log(0.1 s + time since the frame before)
    # Motion: log(1 + 20 · speed), speed in frame widths per second, interpolated between the instants of measurement.
    "motion",
    "motion_mean",
    "motion_deviation",
    "motion_measured",  # 1, or 0 where there was nothing to measure
    "duration_log",  # log(1 s + duration)
)


class SignalVideo:
    """Takes frames of any one size. Holds no weights; everything is float32 on `device`."""

    feature_dim = len(FEATURE_NAMES)

    def __init__(self, *, device: torch.device) -> None:
        self._device = device
        angles = torch.arange(len(_HUES), device=device) * (2 * math.pi / len(_HUES))
        self._hues_6C = torch.stack([angles.cos(), angles.sin()], dim=1)
        # Few pictures at a time stay in a processor's cache; a GPU wants many.
        self._pictures_at_once = 8 if device.type == "cpu" else 512

    def features(self, materials: Sequence[VideoMaterial]) -> Tensor:
        """(B, S, E) in the order of FEATURE_NAMES; the materials must come from one plan."""
        pictures = torch.from_numpy(np.stack([material.frames.rgb for material in materials]))
        instants = pictures.shape[:2]
        parts = [self._picture(chunk) for chunk in pictures.flatten(end_dim=1).split(self._pictures_at_once)]
        figures_IE, coarse_ICHX = (torch.cat(part) for part in zip(*parts, strict=True))
        around_BSE = torch.from_numpy(np.stack([_time_and_motion(material) for material in materials]))
        change_BSE = _change(coarse_ICHX.unflatten(0, instants))
        taken_BS = torch.from_numpy(np.stack([_first_taken(material.frames.times_s) for material in materials]))
        change_BSE = change_BSE.take_along_dim(taken_BS.to(self._device).unsqueeze(2), dim=1)
        return torch.cat([figures_IE.unflatten(0, instants), change_BSE, around_BSE.to(self._device)], dim=-1)

    def _picture(self, rgb_IHXC: Tensor) -> tuple[Tensor, Tensor]:
        """Figures of each picture alone, and the picture averaged down: luma and two opponent channels."""
        red, green, blue = rgb_IHXC.to(self._device).permute(3, 0, 1, 2).float().div_(255).unbind()
        luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        channels_ICHX = torch.stack([luma, red - green, (red + green) / 2 - blue], dim=1)
        coarse_ICHX = F.adaptive_avg_pool2d(channels_ICHX, _COARSE)
        highest, lowest = torch.maximum(torch.maximum(red, green), blue), torch.minimum(torch.minimum(red, green), blue)
        saturation = (highest - lowest) / highest.clamp_min(1 / 255)
        figures = [
            _light(luma, coarse_ICHX[:, 0]),
            _opponents(channels_ICHX[:, 1:], saturation),
            self._hues(coarse_ICHX),
            _texture(luma, coarse_ICHX[:, 0]),
            _composition(luma, saturation, coarse_ICHX[:, 0]),
        ]
        return torch.cat(figures, dim=1), coarse_ICHX

    def _hues(self, coarse_ICHX: Tensor) -> Tensor:
        # The colour plane with red at 0°, yellow at 60°: R - (G + B) / 2 and (G - B)·√3/2, from the opponent channels.
        red_green_IP, yellow_blue_IP = coarse_ICHX[:, 1:].flatten(start_dim=2).unbind(dim=1)
        plane_IPC = torch.stack(
            [red_green_IP * 0.75 + yellow_blue_IP * 0.5, (yellow_blue_IP - red_green_IP / 2) * (math.sqrt(3) / 2)],
            dim=2,
        )
        amounts_I6 = (plane_IPC @ self._hues_6C.T).clamp_min(0).mean(dim=1)
        warm_I1 = amounts_I6[:, [0, 1]].sum(dim=1, keepdim=True)
        cool_I1 = amounts_I6[:, [3, 4]].sum(dim=1, keepdim=True)
        return torch.cat([(warm_I1 - cool_I1) / (warm_I1 + cool_I1 + 0.02), amounts_I6], dim=1)


def _light(luma_IHX: Tensor, coarse_IHX: Tensor) -> Tensor:
    sorted_IP = coarse_IHX.flatten(start_dim=1).sort(dim=1).values
    last = sorted_IP.shape[1] - 1
    percentiles_I3 = sorted_IP[:, [round(share * last) for share in (0.05, 0.5, 0.95)]]
    dark_I, bright_I = ((luma_IHX < 0.2).float().mean(dim=(1, 2)), (luma_IHX > 0.8).float().mean(dim=(1, 2)))
    mean_I, deviation_I = _mean_and_deviation(luma_IHX)
    return torch.stack([mean_I, deviation_I, *percentiles_I3.unbind(dim=1), dark_I, bright_I], dim=1)


def _opponents(opponents_ICHX: Tensor, saturation_IHX: Tensor) -> Tensor:
    means_IC, deviations_IC = _mean_and_deviation(opponents_ICHX)
    colourfulness_I = deviations_IC.norm(dim=1) + 0.3 * means_IC.norm(dim=1)
    channels_I4 = torch.stack([means_IC, deviations_IC], dim=2).flatten(start_dim=1)
    return torch.cat([channels_I4, torch.stack([*_mean_and_deviation(saturation_IHX), colourfulness_I], dim=1)], dim=1)


def _mean_and_deviation(values: Tensor) -> tuple[Tensor, Tensor]:
    """Over the last two axes. torch.std_mean goes through the pixels one by one and takes five times as long."""
    mean = values.mean(dim=(-2, -1))
    return mean, (values - mean[..., None, None]).square().mean(dim=(-2, -1)).sqrt()


def _texture(luma_IHX: Tensor, coarse_IHX: Tensor) -> Tensor:
    across, down = luma_IHX.diff(dim=2).abs(), luma_IHX.diff(dim=1).abs()
    coarse = coarse_IHX.diff(dim=2).abs().mean(dim=(1, 2)) + coarse_IHX.diff(dim=1).abs().mean(dim=(1, 2))
    edges = (torch.maximum(across[:, 1:], down[:, :, 1:]) > 0.1).float().mean(dim=(1, 2))
    return torch.stack([across.mean(dim=(1, 2)), down.mean(dim=(1, 2)), coarse, edges], dim=1)


def _composition(luma_IHX: Tensor, saturation_IHX: Tensor, coarse_IHX: Tensor) -> Tensor:
    thirds_I9 = F.adaptive_avg_pool2d(luma_IHX.unsqueeze(1), 3).flatten(start_dim=1)
    saturation_I9 = F.adaptive_avg_pool2d(saturation_IHX.unsqueeze(1), 3).flatten(start_dim=1)
    centre_I1 = saturation_I9[:, 4:5] - saturation_I9.mean(dim=1, keepdim=True)
    asymmetry_I1 = (coarse_IHX - coarse_IHX.flip(2)).abs().mean(dim=(1, 2)).unsqueeze(1)
    return torch.cat([thirds_I9 - thirds_I9.mean(dim=1, keepdim=True), centre_I1, asymmetry_I1], dim=1)


def _change(coarse_BSCHX: Tensor) -> Tensor:
    histogram_BSL = _luma_histogram(coarse_BSCHX[:, :, 0].flatten(start_dim=2))
    histogram_BS = histogram_BSL.diff(dim=1).abs().sum(dim=2) / 2
    difference_BSC = coarse_BSCHX.diff(dim=1).abs().mean(dim=(3, 4))
    change_BSE = torch.stack([histogram_BS, difference_BSC[:, :, 0], difference_BSC[:, :, 1:].mean(dim=2)], dim=2)
    return F.pad(change_BSE, (0, 0, 1, 0))


def _luma_histogram(luma_BSP: Tensor) -> Tensor:
    # Each pixel is shared between the two nearest bins: a hard border would turn the codec's noise into a cut.
    centres_L = torch.linspace(0, 1, _LUMA_BINS, device=luma_BSP.device)
    return torch.stack(
        [(1 - (luma_BSP - centre).abs() * (_LUMA_BINS - 1)).clamp_min(0).mean(dim=2) for centre in centres_L], dim=2
    )


def _first_taken(times_s: Float32Array) -> NDArray[np.int64]:
    """(S,): for each instant the first one that has its frame."""
    is_new = np.diff(times_s, prepend=times_s[:1]) != 0
    return np.maximum.accumulate(np.where(is_new, np.arange(len(times_s)), 0))


def _time_and_motion(material: VideoMaterial) -> Float32Array:
    """(S, 6): the last six of FEATURE_NAMES."""
    times_s = material.frames.times_s.astype(np.float64)
    gaps_s = np.diff(times_s, prepend=times_s[:1])[_first_taken(material.frames.times_s)]
    motion = np.log1p(20.0 * material.motion.speed.astype(np.float64))
    if len(motion):
        at_instants = np.interp(times_s, material.motion.times_s, motion)
        summary = [motion.mean(), motion.std(), 1.0]
    else:
        at_instants, summary = np.zeros(len(times_s)), [0.0, 0.0, 0.0]
    columns = [np.log(0.1 + np.maximum(gaps_s, 0.0)), at_instants, *summary, math.log1p(material.duration_s)]
    return np.stack(np.broadcast_arrays(*columns), axis=1).astype(np.float32)

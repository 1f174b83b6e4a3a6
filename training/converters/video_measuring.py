"""Measures videos, sounds and words with backbones that a process loads once. Knows no folder of videos.

Axes: S steps, E features.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from app.domain import Brief, Float32Array, FramePlan, SoundMaterial, SoundPlan, VideoMaterial
from app.encoders.backbones import Backbones, ChosenBackbones, backbones_of
from app.encoders.device import DeviceName, inference, resolve_device
from training.measured_with import MeasuredMusic, MeasuredText, MeasuredVideo, MeasuredWith
from training.pair_set import StreamForm
from training.pair_set_writer import StreamPlan


@dataclass(frozen=True, slots=True)
class Measuring:
    """Picklable: crosses to worker processes without the backbones. `folder`: the checkpoint's, for errors."""

    chosen: ChosenBackbones
    folder: Path
    device: DeviceName
    cache_dir: Path | None

    @property
    def frame_plan(self) -> FramePlan:
        return FramePlan(**self.chosen.frames.model_dump())

    @property
    def sound_plan(self) -> SoundPlan:
        return SoundPlan(**self.chosen.sound.model_dump())

    def video(self, material: VideoMaterial) -> Float32Array:
        """(S, E), raw, as a server measures it."""
        return _rows(lambda: _loaded(self).video.features([material]))

    def sound(self, material: SoundMaterial) -> Float32Array:
        """(S, E), raw, as a server measures it."""
        windows_BSN = torch.from_numpy(material.windows[None]).to(resolve_device(self.device))
        return _rows(lambda: _loaded(self).music.measure(windows_BSN)[0])

    def words(self, brief: Brief) -> dict[str, Float32Array]:
        """Unit vectors (rows, E) of the streams `title` and `keywords`; (0, E) where no word is said."""
        text = _loaded(self).text
        if text is None:
            return {}
        texts = {"title": Brief(title=brief.title).texts(), "keywords": Brief(keywords=brief.keywords).texts()}
        vectors = {name: text.vectors(said) for name, said in texts.items() if said}
        none = np.empty((0, text.feature_dim), np.float32)
        # A hashed text without any word is a row of zeros.
        return {name: vectors[name][vectors[name].any(axis=1)] if name in vectors else none for name in texts}

    def measured_with(self) -> MeasuredWith:
        """What the pair set tells of its making; loads the backbones to see that they can be, and how wide they are.

        Raises CheckpointError and DeviceUnavailable.
        """
        chosen, built = self.chosen, _load(self)
        return MeasuredWith(
            video=MeasuredVideo(backbone=chosen.video, sampling=chosen.frames, feature_dim=built.video.feature_dim),
            music=MeasuredMusic(backbone=chosen.music, sampling=chosen.sound, feature_dim=built.music.feature_dim),
            text=MeasuredText(backbone=chosen.text, feature_dim=built.text.feature_dim)
            if chosen.text and built.text
            else None,
        )


def streams_of(measured: MeasuredWith) -> dict[str, StreamPlan]:
    """The pair set's streams: video, title and keywords where words are read, music."""
    video, music, text = measured.video, measured.music, measured.text
    frames = StreamForm("video", video.backbone.space, video.feature_dim, f"{video.sampling.instants} instants")
    windows = StreamForm("music", music.backbone.space, music.feature_dim, f"{music.sampling.windows} windows")
    words = {}
    if text is not None:
        form = StreamForm("text", text.backbone.space, text.feature_dim, "one a text")
        words = dict.fromkeys(("title", "keywords"), StreamPlan(form, stored_as="float16"))
    return {"video": StreamPlan(frames), **words, "music": StreamPlan(windows)}


@lru_cache(maxsize=1)
def _loaded(measuring: Measuring) -> Backbones:
    """Kept as long as the process lives: a worker converts many files, and weights take seconds to load."""
    return _load(measuring)


def _load(measuring: Measuring) -> Backbones:
    device = resolve_device(measuring.device)
    return backbones_of(measuring.chosen, measuring.folder, device=device, cache_dir=measuring.cache_dir)


def _rows(measure: Callable[[], Tensor]) -> Float32Array:
    with inference():
        rows_SE: Float32Array = measure()[0].float().cpu().numpy()
    return rows_SE

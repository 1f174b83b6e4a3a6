"""Measures media files with the application's own backbones. Knows no set, no annotations, no captions.

Reasons for which an item is left out: `missing_media`, and the codes of MediaError (`unreadable_media`,
`unsupported_media`, `no_audio_stream`, `silent_audio` …).

Axes: S steps, E features.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from app.domain import Float32Array, FramePlan, Frames, MediaLimits, Motion, SoundPlan, VideoMaterial
from app.encoders.backbone_specs import ClipImage, SignalMusic, VideoBackboneSpec
from app.encoders.clip import ClipImages
from app.encoders.clip_loader import ClipLoader
from app.encoders.device import DeviceName, inference, resolve_device
from app.encoders.material import sound_material, video_material
from app.encoders.signal_music import SignalMusic as SignalMusicBackbone
from app.encoders.signal_video import SignalVideo as SignalVideoBackbone
from app.errors import MediaError
from app.media.probe import probe
from training.converters.captions.captioned_set import CaptionedItem, Medium
from training.converters.captions.files import find_file
from training.converters.captions.jobs import Take, Taken
from training.converters.captions.loaded_clips import FRAME_BUDGET, clip_images, clip_loader
from training.converters.captions.stills import read_still
from training.converters.parts import LeftOut
from training.pair_set import StreamForm
from training.pair_set_writer import StreamPlan

LIMITS = MediaLimits(max_duration_s=4 * 3600.0)
ENDINGS: dict[Medium, tuple[str, ...]] = {
    "audio": (".wav", ".flac", ".mp3", ".ogg", ".m4a", ".opus"),
    "image": (".jpg", ".jpeg", ".png", ".webp", ".JPG", ".JPEG"),
    "video": (".mp4", ".avi", ".webm", ".mkv", ".mov"),
}
# The signal backbones look and listen as for the checkpoint that ships.
SOUND_RATE_HZ, WINDOW_S = 22_050, 4
PICTURE_SIZE = (96, 54)
MOTION_INSTANTS = 16

MediaBackboneSpec = VideoBackboneSpec | SignalMusic
Measure = Callable[[Path], Float32Array]


@dataclass(frozen=True, slots=True)
class MeasuredMedia:
    """Files under `folder`, each to its steps: one of an image, else `steps` instants or windows of the whole file.

    Made by `measured_media`.
    """

    folder: Path
    medium: Medium
    backbone: MediaBackboneSpec
    form: StreamForm
    steps: int
    device: DeviceName

    @property
    def plan(self) -> StreamPlan:
        return StreamPlan(self.form, stored_as="float16" if isinstance(self.backbone, ClipImage) else "float32")

    def file_of(self, item: CaptionedItem) -> Path | None:
        return find_file(self.folder, item.names, ENDINGS[self.medium])

    def open(self) -> Take:
        measure = self._measure()

        def take(item: CaptionedItem) -> Taken:
            path = self.file_of(item)
            if path is None:
                return _left_out(item, "missing_media", item.names[0])
            try:
                with inference():
                    return Taken(measure(path))
            except MediaError as error:
                return _left_out(item, error.code, str(error))
            except OSError as error:
                return _left_out(item, "unreadable_media", str(error))

        return take

    def _measure(self) -> Measure:
        if isinstance(self.backbone, SignalMusic):
            return _sound_measure(self.steps, resolve_device(self.device))
        instants = 1 if self.medium == "image" else self.steps
        images: ClipImages | SignalVideoBackbone
        if isinstance(self.backbone, ClipImage):
            images, sampling = clip_images(clip_loader(self.device), self.backbone, instants=instants)
            plan = FramePlan(**sampling.model_dump())
        else:
            images = SignalVideoBackbone(device=resolve_device(self.device))
            plan = FramePlan(instants, *PICTURE_SIZE, "stretch", "area", MOTION_INSTANTS, FRAME_BUDGET)
        return _picture_measure(images, plan, _still if self.medium == "image" else _film)


def measured_media(
    folder: Path, medium: Medium, backbone: MediaBackboneSpec, clips: ClipLoader, *, steps: int, device: DeviceName
) -> MeasuredMedia:
    """Asks `clips` for the model, to see that it can be loaded and how wide it is. Raises CheckpointError."""
    told = {"audio": f"{steps} windows of {WINDOW_S} s", "image": "one an image", "video": f"{steps} instants"}
    form = StreamForm(medium, backbone.space, _feature_dim(backbone, clips), told[medium])
    return MeasuredMedia(folder, medium, backbone, form, steps, device)


def _feature_dim(backbone: MediaBackboneSpec, clips: ClipLoader) -> int:
    if isinstance(backbone, ClipImage):
        return clip_images(clips, backbone, instants=1)[0].feature_dim
    return (SignalMusicBackbone if isinstance(backbone, SignalMusic) else SignalVideoBackbone).feature_dim


def _sound_measure(steps: int, device: torch.device) -> Measure:
    plan = SoundPlan(SOUND_RATE_HZ, steps, WINDOW_S * SOUND_RATE_HZ)
    music = SignalMusicBackbone(rate_hz=plan.rate_hz, window_samples=plan.window_samples, device=device)

    def measure(path: Path) -> Float32Array:
        material = sound_material(path, plan, limits=LIMITS, info=probe(path, LIMITS, want="sound"))
        rows_SE: Float32Array = music.measure(torch.from_numpy(material.windows[None]).to(device))[0][0].cpu().numpy()
        return rows_SE

    return measure


def _picture_measure(
    images: ClipImages | SignalVideoBackbone, plan: FramePlan, look: Callable[[Path, FramePlan], VideoMaterial]
) -> Measure:
    def measure(path: Path) -> Float32Array:
        # One file at a time, so that its features depend on no other file.
        rows_SE: Float32Array = images.features([look(path, plan)])[0].float().cpu().numpy()
        return rows_SE

    return measure


def _film(path: Path, plan: FramePlan) -> VideoMaterial:
    return video_material(path, plan, limits=LIMITS, info=probe(path, LIMITS, want="video"))


def _still(path: Path, plan: FramePlan) -> VideoMaterial:
    rgb = read_still(path, width=plan.width, height=plan.height, fit=plan.fit, max_pixels=LIMITS.max_pixels)
    nothing = np.zeros(0, np.float32)
    return VideoMaterial(0.0, Frames(rgb[None], np.zeros(1, np.float32)), Motion(nothing, nothing))


def _left_out(item: CaptionedItem, reason: str, detail: str) -> Taken:
    return Taken(None, (LeftOut(item.id, reason, detail),))

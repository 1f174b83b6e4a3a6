"""Loads CLIP models for conversion, each once in a process, and says what pictures they take."""

from functools import lru_cache
from pathlib import Path

from app.encoders.backbone_specs import ClipImage, ClipText
from app.encoders.clip import ClipImages, ClipTexts
from app.encoders.clip_loader import ClipLoader
from app.encoders.device import DeviceName, resolve_device
from app.encoders.spec import FrameSampling

# Of a video's frames at most this many are decoded in order; beyond it every instant has a keyframe of its own.
FRAME_BUDGET = 600


@lru_cache(maxsize=1)
def clip_loader(device: DeviceName) -> ClipLoader:
    """The process's own: jobs come one after the other, and a model takes seconds to load."""
    # Weights files are named by their whole path, so the folder matters to no file.
    return ClipLoader(Path.cwd(), device=resolve_device(device), cache_dir=None)


def clip_images(clips: ClipLoader, spec: ClipImage, *, instants: int) -> tuple[ClipImages, FrameSampling]:
    """The model, and the pictures it was trained on. Raises CheckpointError."""
    clip = clips.load(spec, side="image")
    height, width = clip.image_size
    sampling = FrameSampling(
        instants=instants,
        width=width,
        height=height,
        fit="stretch" if clip.keeps_whole_picture else "crop",
        interpolation="bicubic",
        motion_instants=0,
        frame_budget=FRAME_BUDGET,
    )
    return ClipImages(clip, sampling, checkpoint=spec.space), sampling


def clip_texts(clips: ClipLoader, spec: ClipText) -> ClipTexts:
    """Raises CheckpointError."""
    return ClipTexts(clips.load(spec, side="text"), clips.tokenizer(spec, side="text"))

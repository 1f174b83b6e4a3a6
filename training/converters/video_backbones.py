"""Which backbones a folder of videos is measured with: those of a checkpoint, or others in their place."""

import argparse
import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TypeVar

import torch

from app.encoders import spec
from app.encoders.backbone_specs import (
    ClipImage,
    MusicBackboneSpec,
    SignalMusic,
    Strict,
    VGGish,
    VideoBackboneSpec,
)
from app.encoders.backbones import ChosenBackbones
from app.encoders.clip_loader import ClipLoader
from app.encoders.spec import FrameSampling, SoundSampling, read_spec
from app.encoders.vggish import RATE_HZ, WINDOW_SAMPLES
from training.converters.captions.backbone_arguments import CLIP_FORM, media_backbone, text_backbone
from training.converters.video_measuring import Measuring

STARTER = Path(spec.__file__).parent / "starter"
NO_WORDS = "none"
_VGGISH = re.compile(r"vggish(?P<yt8m>:yt8m)?:sha256=(?P<sha256>[0-9a-f]{64}):(?P<source>.+)")
_VGGISH_FORM = "vggish:sha256=HEX:FILE_OR_URL, vggish:yt8m:sha256=HEX:FILE_OR_URL with YouTube-8M's post-processing"

BackboneT = TypeVar("BackboneT", bound=Strict)


def add_backbone_arguments(parser: ArgumentParser) -> None:
    clip_image, clip_text = CLIP_FORM % (("image",) * 3), CLIP_FORM % (("text",) * 3)
    parser.add_argument(
        "--like",
        type=Path,
        default=STARTER,
        metavar="CHECKPOINT",
        help="folder of a checkpoint whose backbones and sampling are taken (default: the one that ships)",
    )
    parser.add_argument(
        "--image-backbone", type=media_backbone, metavar="NAME", help=f"in its place: signal-video, {clip_image}"
    )
    parser.add_argument(
        "--music-backbone", type=music_backbone, metavar="NAME", help=f"in its place: signal-music, {_VGGISH_FORM}"
    )
    parser.add_argument(
        "--text-backbone",
        type=lambda named: named if named == NO_WORDS else text_backbone(named),
        metavar="NAME",
        help=f"in its place: hashed-text, {clip_text}; or {NO_WORDS}",
    )
    parser.add_argument("--instants", type=_count, help="pictures a video (default: as many as the checkpoint takes)")
    parser.add_argument("--windows", type=_count, help="windows of sound a video (likewise)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where backbones run (auto)")
    parser.add_argument("--cache-dir", type=Path, help="where weights that are fetched are kept")


def measuring_of(arguments: Namespace) -> Measuring:
    """Raises CheckpointError."""
    base, folder = ChosenBackbones.of(read_spec(arguments.like)), arguments.like
    video = _resolved(arguments.image_backbone or base.video, folder)
    music = _resolved(arguments.music_backbone or base.music, folder)
    text = None if arguments.text_backbone == NO_WORDS else arguments.text_backbone or base.text
    frames, sound = base.frames, base.sound
    if arguments.image_backbone is not None:
        frames = _frames_for(video, base.frames, folder, arguments.cache_dir)
    if arguments.music_backbone is not None:
        sound = _sound_for(music, base.sound)
    if arguments.instants is not None:
        frames = frames.model_copy(update={"instants": arguments.instants})
    if arguments.windows is not None:
        sound = sound.model_copy(update={"windows": arguments.windows})
    chosen = ChosenBackbones(video, frames, music, sound, text and _resolved(text, folder))
    return Measuring(chosen, folder, arguments.device, arguments.cache_dir)


def music_backbone(named: str) -> MusicBackboneSpec:
    """`signal-music`, or VGGish with its weights. Raises ArgumentTypeError, as argparse wants it."""
    if named == "signal-music":
        return SignalMusic(name="signal-music", version=1)
    found = _VGGISH.fullmatch(named)
    if found is None:
        raise argparse.ArgumentTypeError(f"'{named}' is no music backbone known here")
    source = found["source"]
    is_address = source.startswith(("http://", "https://"))
    return VGGish(
        name="vggish",
        weights_file=None if is_address else str(Path(source).resolve()),
        weights_url=source if is_address else None,
        weights_sha256=found["sha256"],
        postprocess=found["yt8m"] is not None,
    )


def _resolved(backbone: BackboneT, folder: Path) -> BackboneT:
    """With its weights file by its whole path: what a pair set tells must be found from anywhere on this machine."""
    file = getattr(backbone, "weights_file", None)
    return backbone.model_copy(update={"weights_file": str((folder / file).resolve())}) if file else backbone


def _frames_for(video: VideoBackboneSpec, base: FrameSampling, folder: Path, cache_dir: Path | None) -> FrameSampling:
    """As many instants as before, of the size that the backbone was trained on."""
    if not isinstance(video, ClipImage):
        return read_spec(STARTER).video.sampling.model_copy(update={"instants": base.instants})
    clip = ClipLoader(folder, device=torch.device("cpu"), cache_dir=cache_dir).load(video, side="video")
    height, width = clip.image_size
    return FrameSampling(
        instants=base.instants,
        width=width,
        height=height,
        fit="stretch" if clip.keeps_whole_picture else "crop",
        interpolation="bicubic",
        motion_instants=0,
        frame_budget=base.frame_budget,
    )


def _sound_for(music: MusicBackboneSpec, base: SoundSampling) -> SoundSampling:
    """As many windows as before, of the length that the backbone takes."""
    if isinstance(music, VGGish):
        return SoundSampling(rate_hz=RATE_HZ, windows=base.windows, window_samples=WINDOW_SAMPLES)
    return read_spec(STARTER).music.sampling.model_copy(update={"windows": base.windows})


def _count(given: str) -> int:
    if not given.isdecimal() or int(given) < 1:
        raise argparse.ArgumentTypeError(f"'{given}' is no number from 1 on")
    return int(given)

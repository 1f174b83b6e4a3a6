"""Builds backbones by their names, and checks that a checkpoint's make the features it was trained on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch

from app.encoders.backbone_specs import (
    ClipImage,
    ClipText,
    MusicBackboneSpec,
    TextBackboneSpec,
    VGGish,
    VideoBackboneSpec,
)
from app.encoders.clip import ClipImages, ClipTexts
from app.encoders.clip_loader import ClipLoader
from app.encoders.hashed_text import HashedText
from app.encoders.signal_music import SignalMusic
from app.encoders.signal_video import SignalVideo
from app.encoders.spec import EncoderSpec, FrameSampling, MusicSide, SoundSampling, TextSide, VideoSide
from app.encoders.spectra import frame_count
from app.encoders.vggish import RATE_HZ as VGGISH_RATE_HZ
from app.encoders.vggish import WINDOW_SAMPLES as VGGISH_WINDOW_SAMPLES
from app.encoders.vggish import VGGishMusic
from app.encoders.vggish_loader import load_vggish
from app.errors import CheckpointError

# Less cannot tell a slow beat from none: at 40 BPM one beat lasts 1.5 s.
_LEAST_WINDOW_S = 2.0
# Harmonic change is measured between blocks of 16 spectra, and takes two.
_LEAST_WINDOW_SPECTRA = 32


@dataclass(frozen=True, slots=True)
class ChosenBackbones:
    """Which backbones, and what they are shown: all that decides the features of a file. Hashable."""

    video: VideoBackboneSpec
    frames: FrameSampling
    music: MusicBackboneSpec
    sound: SoundSampling
    text: TextBackboneSpec | None

    @classmethod
    def of(cls, spec: EncoderSpec) -> Self:
        text = spec.text.backbone if spec.text else None
        return cls(spec.video.backbone, spec.video.sampling, spec.music.backbone, spec.music.sampling, text)


@dataclass(frozen=True, slots=True)
class Backbones:
    video: SignalVideo | ClipImages
    music: SignalMusic | VGGishMusic
    text: HashedText | ClipTexts | None


def build_backbones(spec: EncoderSpec, folder: Path, *, device: torch.device, cache_dir: Path | None) -> Backbones:
    """`folder` is the checkpoint's, for weights files beside it and for errors. Raises CheckpointError."""
    built = backbones_of(ChosenBackbones.of(spec), folder, device=device, cache_dir=cache_dir)
    _check_width("video", spec.video, built.video.feature_dim, str(folder))
    _check_width("music", spec.music, built.music.feature_dim, str(folder))
    if spec.text and built.text:
        _check_width("text", spec.text, built.text.feature_dim, str(folder))
    return built


def backbones_of(chosen: ChosenBackbones, folder: Path, *, device: torch.device, cache_dir: Path | None) -> Backbones:
    """As `build_backbones`, of whatever width they are."""
    clips = ClipLoader(folder, device=device, cache_dir=cache_dir)
    return Backbones(
        video=_video(chosen, clips, device=device, checkpoint=str(folder)),
        music=_music(chosen, folder, device=device, cache_dir=cache_dir),
        text=_text(chosen.text, clips) if chosen.text else None,
    )


def _video(
    chosen: ChosenBackbones, clips: ClipLoader, *, device: torch.device, checkpoint: str
) -> SignalVideo | ClipImages:
    if isinstance(chosen.video, ClipImage):
        return ClipImages(clips.load(chosen.video, side="video"), chosen.frames, checkpoint=checkpoint)
    return SignalVideo(device=device)


def _music(
    chosen: ChosenBackbones, folder: Path, *, device: torch.device, cache_dir: Path | None
) -> SignalMusic | VGGishMusic:
    if isinstance(chosen.music, VGGish):
        _check_vggish_windows(chosen, str(folder))
        return load_vggish(chosen.music, folder, field="music.backbone", device=device, cache_dir=cache_dir)
    _check_signal_windows(chosen, str(folder))
    return SignalMusic(rate_hz=chosen.sound.rate_hz, window_samples=chosen.sound.window_samples, device=device)


def _check_vggish_windows(chosen: ChosenBackbones, checkpoint: str) -> None:
    needed = {"rate_hz": VGGISH_RATE_HZ, "window_samples": VGGISH_WINDOW_SAMPLES}
    for name, value in needed.items():
        found = getattr(chosen.sound, name)
        if found != value:
            reason = f"is {found}; {chosen.music.space} takes {value}"
            raise CheckpointError(checkpoint=checkpoint, field=f"music.sampling.{name}", reason=reason)


def _check_signal_windows(chosen: ChosenBackbones, checkpoint: str) -> None:
    sound, space = chosen.sound, chosen.music.space
    if sound.window_samples < _LEAST_WINDOW_S * sound.rate_hz:
        reason = f"{sound.window_samples} at {sound.rate_hz} Hz; {space} needs {_LEAST_WINDOW_S:g} s"
        raise CheckpointError(checkpoint=checkpoint, field="music.sampling.window_samples", reason=reason)
    if frame_count(sound.window_samples) < _LEAST_WINDOW_SPECTRA:
        reason = f"{sound.window_samples} make too few spectra; {space} needs {_LEAST_WINDOW_SPECTRA}"
        raise CheckpointError(checkpoint=checkpoint, field="music.sampling.window_samples", reason=reason)


def _text(backbone: TextBackboneSpec, clips: ClipLoader) -> HashedText | ClipTexts:
    if isinstance(backbone, ClipText):
        return ClipTexts(clips.load(backbone, side="text"), clips.tokenizer(backbone, side="text"))
    return HashedText(word_buckets=backbone.word_buckets, ngram_buckets=backbone.ngram_buckets)


def _check_width(name: str, side: VideoSide | MusicSide | TextSide, made: int, checkpoint: str) -> None:
    if side.feature_dim != made:
        reason = f"is {side.feature_dim}, but {side.space} makes {made}"
        raise CheckpointError(checkpoint=checkpoint, field=f"{name}.feature_dim", reason=reason)

"""Builds a checkpoint's backbones by their names and checks that they make the features it was trained on."""

from dataclasses import dataclass
from pathlib import Path

import torch

from app.encoders.backbone_specs import ClipImage, ClipText
from app.encoders.clip import ClipImages, ClipTexts
from app.encoders.clip_loader import ClipLoader
from app.encoders.hashed_text import HashedText
from app.encoders.signal_music import SignalMusic
from app.encoders.signal_video import SignalVideo
from app.encoders.spec import EncoderSpec, MusicSide, TextSide, VideoSide
from app.encoders.spectra import frame_count
from app.errors import CheckpointError

# Less cannot tell a slow beat from none: at 40 BPM one beat lasts 1.5 s.
_LEAST_WINDOW_S = 2.0
# Harmonic change is measured between blocks of 16 spectra, and takes two.
_LEAST_WINDOW_SPECTRA = 32


@dataclass(frozen=True, slots=True)
class Backbones:
    video: SignalVideo | ClipImages
    music: SignalMusic
    text: HashedText | ClipTexts | None


def build_backbones(spec: EncoderSpec, folder: Path, *, device: torch.device, cache_dir: Path | None) -> Backbones:
    """`folder` is the checkpoint's, for weights files beside it and for errors. Raises CheckpointError."""
    clips = ClipLoader(folder, device=device, cache_dir=cache_dir)
    built = Backbones(
        video=_video(spec.video, clips, device=device, checkpoint=str(folder)),
        music=_music(spec.music, device=device, checkpoint=str(folder)),
        text=_text(spec.text, clips) if spec.text else None,
    )
    _check_width("video", spec.video, built.video.feature_dim, str(folder))
    _check_width("music", spec.music, built.music.feature_dim, str(folder))
    if spec.text and built.text:
        _check_width("text", spec.text, built.text.feature_dim, str(folder))
    return built


def _video(side: VideoSide, clips: ClipLoader, *, device: torch.device, checkpoint: str) -> SignalVideo | ClipImages:
    if isinstance(side.backbone, ClipImage):
        return ClipImages(clips.load(side.backbone, side="video"), side.sampling, checkpoint=checkpoint)
    return SignalVideo(device=device)


def _music(side: MusicSide, *, device: torch.device, checkpoint: str) -> SignalMusic:
    sampling = side.sampling
    if sampling.window_samples < _LEAST_WINDOW_S * sampling.rate_hz:
        reason = f"{sampling.window_samples} at {sampling.rate_hz} Hz; {side.space} needs {_LEAST_WINDOW_S:g} s"
        raise CheckpointError(checkpoint=checkpoint, field="music.sampling.window_samples", reason=reason)
    if frame_count(sampling.window_samples) < _LEAST_WINDOW_SPECTRA:
        reason = f"{sampling.window_samples} make too few spectra; {side.space} needs {_LEAST_WINDOW_SPECTRA}"
        raise CheckpointError(checkpoint=checkpoint, field="music.sampling.window_samples", reason=reason)
    return SignalMusic(rate_hz=sampling.rate_hz, window_samples=sampling.window_samples, device=device)


def _text(side: TextSide, clips: ClipLoader) -> HashedText | ClipTexts:
    if isinstance(side.backbone, ClipText):
        return ClipTexts(clips.load(side.backbone, side="text"), clips.tokenizer(side.backbone, side="text"))
    return HashedText(word_buckets=side.backbone.word_buckets, ngram_buckets=side.backbone.ngram_buckets)


def _check_width(name: str, side: VideoSide | MusicSide | TextSide, made: int, checkpoint: str) -> None:
    if side.feature_dim != made:
        reason = f"is {side.feature_dim}, but {side.space} makes {made}"
        raise CheckpointError(checkpoint=checkpoint, field=f"{name}.feature_dim", reason=reason)

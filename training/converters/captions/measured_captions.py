"""Measures captions with the application's text backbones: a unit vector each. Knows no media.

Reasons for which something is left out: `empty_caption`, `caption_without_words`, and then perhaps `no_captions`.

Axes: C captions, E features.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.encoders.backbone_specs import ClipText, TextBackboneSpec
from app.encoders.clip import ClipTexts
from app.encoders.clip_loader import ClipLoader
from app.encoders.device import DeviceName
from app.encoders.hashed_text import HashedText
from training.converters.captions.captioned_set import CaptionedItem
from training.converters.captions.jobs import Take, Taken
from training.converters.captions.loaded_clips import clip_loader, clip_texts
from training.converters.parts import LeftOut
from training.pair_set import StreamForm
from training.pair_set_writer import StreamPlan


@dataclass(frozen=True, slots=True)
class MeasuredCaptions:
    """Every caption is a row, also one that was given twice. Made by `measured_captions`."""

    backbone: TextBackboneSpec
    form: StreamForm
    device: DeviceName

    @property
    def plan(self) -> StreamPlan:
        return StreamPlan(self.form, stored_as="float16")

    def file_of(self, item: CaptionedItem) -> Path | None:  # noqa: ARG002 - captions stand in the annotations
        return None

    def open(self) -> Take:
        texts = _texts(self.backbone, clip_loader(self.device))
        return lambda item: _taken(item, texts)


def measured_captions(backbone: TextBackboneSpec, clips: ClipLoader, *, device: DeviceName) -> MeasuredCaptions:
    """Asks `clips` for the model, to see that it can be loaded and how wide it is. Raises CheckpointError."""
    dim = _texts(backbone, clips).feature_dim
    return MeasuredCaptions(backbone, StreamForm("text", backbone.space, dim, "one a caption"), device)


def _texts(backbone: TextBackboneSpec, clips: ClipLoader) -> HashedText | ClipTexts:
    if isinstance(backbone, ClipText):
        return clip_texts(clips, backbone)
    return HashedText(word_buckets=backbone.word_buckets, ngram_buckets=backbone.ngram_buckets)


def _taken(item: CaptionedItem, texts: HashedText | ClipTexts) -> Taken:
    told = list(_empty(item))
    written = [caption.strip() for caption in item.captions if caption.strip()]
    if not written:
        return Taken(None, (*told, LeftOut(item.id, "no_captions", "all are empty")))
    vectors_CE = texts.vectors(written)
    has_words_C = np.abs(vectors_CE).sum(axis=1) > 0
    told += [
        LeftOut(item.id, "caption_without_words", caption)
        for caption, has_words in zip(written, has_words_C, strict=True)
        if not has_words
    ]
    if not has_words_C.any():
        return Taken(None, (*told, LeftOut(item.id, "no_captions", "none has words")))
    return Taken(vectors_CE[has_words_C], tuple(told))


def _empty(item: CaptionedItem) -> Iterator[LeftOut]:
    for number, caption in enumerate(item.captions, start=1):
        if not caption.strip():
            yield LeftOut(item.id, "empty_caption", f"number {number}")

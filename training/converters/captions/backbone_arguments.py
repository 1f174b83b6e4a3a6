"""Backbones as the command line names them: `NAME`, or `NAME:` and what it needs. Loads none."""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.encoders.backbone_specs import SignalVideo, TextBackboneSpec, VideoBackboneSpec

T = TypeVar("T")
# Vectors are to be the same whichever machine made them.
_PRECISION = "fp32"
_HASHED = re.compile(r"hashed-text(?::(?P<words>\d+)\+(?P<ngrams>\d+))?")
_WEIGHTS = re.compile(r"(?P<model>[^:]+):sha256=(?P<sha256>[0-9a-f]{64}):(?P<file>.+)")
_STARTER_BUCKETS = (6144, 2048)

CLIP_FORM = "clip-%s:MODEL:TAG, clip-%s:MODEL:sha256=HEX:FILE or clip-%s:hf-hub:ORG/NAME, as open_clip names them"


def media_backbone(named: str) -> VideoBackboneSpec:
    """`signal-video`, or a CLIP model. Raises ArgumentTypeError, as argparse wants it."""
    if named == "signal-video":
        return SignalVideo(name="signal-video", version=1)
    return _checked(TypeAdapter[VideoBackboneSpec](VideoBackboneSpec), _clip(named, "clip-image"), named)


def text_backbone(named: str) -> TextBackboneSpec:
    """`hashed-text`, `hashed-text:WORDS+NGRAMS` (buckets), or a CLIP model. Raises ArgumentTypeError."""
    hashed = _HASHED.fullmatch(named)
    return _checked(
        TypeAdapter[TextBackboneSpec](TextBackboneSpec),
        _clip(named, "clip-text") if hashed is None else _hashed(hashed),
        named,
    )


def _hashed(named: re.Match[str]) -> Mapping[str, Any]:
    words, ngrams = named["words"] or _STARTER_BUCKETS[0], named["ngrams"] or _STARTER_BUCKETS[1]
    return {"name": "hashed-text", "version": 1, "word_buckets": int(words), "ngram_buckets": int(ngrams)}


def _clip(named: str, kind: str) -> Mapping[str, Any]:
    name, _, rest = named.partition(":")
    if name != kind or not rest:
        raise argparse.ArgumentTypeError(f"'{named}' is no backbone known here")
    source: dict[str, Any] = {"model": rest, "pretrained": None, "weights_file": None, "weights_sha256": None}
    if weights := _WEIGHTS.fullmatch(rest):
        file = str(Path(weights["file"]).resolve())
        source |= {"model": weights["model"], "weights_file": file, "weights_sha256": weights["sha256"]}
    elif not rest.startswith("hf-hub:"):
        model, _, tag = rest.partition(":")
        source |= {"model": model, "pretrained": tag or None}
    return {"name": name, "precision": _PRECISION, **source}


def _checked(adapter: TypeAdapter[T], described: Mapping[str, Any], named: str) -> T:
    try:
        return adapter.validate_python(described)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(f"'{named}': {error.errors()[0]['msg']}") from error

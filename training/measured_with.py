"""With what a pair set was measured: backbones and sampling, kept beside it so that what it trains can serve.

A source measured by backbones of ours leaves `measured_with.json` in the pair set; stored features of elsewhere do not.
"""

import json
from typing import Any

from pydantic import PositiveInt

from app.encoders.backbone_specs import MusicBackboneSpec, Strict, TextBackboneSpec, VideoBackboneSpec
from app.encoders.spec import EncoderSpec, FrameSampling, MusicSide, SoundSampling, TextSide, VideoSide
from training.errors import PairSetError
from training.model_spec import ModelSpec, TowerSpec
from training.pair_set import PairSet

MEASURED_WITH_FILE = "measured_with.json"


class MeasuredVideo(Strict):
    backbone: VideoBackboneSpec
    sampling: FrameSampling
    feature_dim: PositiveInt


class MeasuredMusic(Strict):
    backbone: MusicBackboneSpec
    sampling: SoundSampling
    feature_dim: PositiveInt


class MeasuredText(Strict):
    backbone: TextBackboneSpec
    feature_dim: PositiveInt


class MeasuredWith(Strict):
    video: MeasuredVideo
    music: MeasuredMusic
    text: MeasuredText | None


def measured_with(pairs: PairSet) -> MeasuredWith | None:
    """None where the features are not our backbones'. Raises PairSetError where the file is there and is wrong."""
    path = pairs.folder / MEASURED_WITH_FILE
    if not path.exists():
        return None
    try:
        return MeasuredWith.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PairSetError(file=MEASURED_WITH_FILE, field="file", reason=str(error)) from error


def measured_by(encoder: EncoderSpec) -> MeasuredWith:
    """The backbones and sampling of a checkpoint."""
    video, music, text = encoder.video, encoder.music, encoder.text
    return MeasuredWith(
        video=MeasuredVideo(backbone=video.backbone, sampling=video.sampling, feature_dim=video.feature_dim),
        music=MeasuredMusic(backbone=music.backbone, sampling=music.sampling, feature_dim=music.feature_dim),
        text=None if text is None else MeasuredText(backbone=text.backbone, feature_dim=text.feature_dim),
    )


def serving_encoder(name: str, spec: ModelSpec, measured: MeasuredWith) -> EncoderSpec | None:
    """The checkpoint that would serve this model; None where it is none of video, with or without words, and music."""
    if not can_serve(spec, measured):
        return None
    words, text = spec.words, measured.text
    return EncoderSpec(
        format_version=1,
        name=name,
        embedding_dim=spec.embedding_dim,
        video=VideoSide(**dict(measured.video), **_trained(spec.query)),
        music=MusicSide(**dict(measured.music), **_trained(spec.target)),
        text=TextSide(**dict(text), bottleneck=words.bottleneck, initial_state=words.initial_state)
        if words and text
        else None,
        about={},
    )


def can_serve(spec: ModelSpec, measured: MeasuredWith) -> bool:
    """Whether a server could measure a file for this model just as its pairs were."""
    video, music = measured.video, measured.music
    instants, windows = video.sampling.instants, music.sampling.windows
    fits = all(
        side.sampling == "gs" and (side.stream, side.space, side.feature_dim, side.steps) == wanted
        for side, wanted in (
            (spec.query, ("video", video.backbone.space, video.feature_dim, instants)),
            (spec.target, ("music", music.backbone.space, music.feature_dim, windows)),
        )
    )
    words_fit = spec.words is None or (measured.text is not None and set(spec.words.streams) == {"title", "keywords"})
    return fits and words_fit and not spec.shared


def _trained(tower: TowerSpec) -> dict[str, Any]:
    return {"standardisation": tower.standardisation, "sequence_encoder": tower.sequence_encoder}


def document_of(measured: MeasuredWith) -> str:
    """The file's text."""
    return json.dumps(measured.model_dump(mode="json"), indent=1) + "\n"

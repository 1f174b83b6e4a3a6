"""The run on real music videos (597 pairs of 100 steps): fitted in closed form, a part of it trained for minutes.

Why each member is there, and what it adds, is measured in REAL_PAIRS.md.
"""

from dataclasses import replace

from app.encoders.fitted_specs import (
    CoursesSpec,
    EnsembleSpec,
    LearntMap,
    Member,
    Pool,
    StatisticsSpec,
    View,
)
from training.design import ModelDesign, TowerDesign
from training.fitted_start import FittedStart
from training.losses import LossWeights
from training.objectives import II
from training.run_config import RunConfig

STEPS = 100
# Columns of the music stream: how surely there is no chord, loudness, and the logarithm of how dense the notes are.
NO_CHORD, LOUDNESS, DENSITY = 12, 25, 26
_LEVELS = (LOUDNESS, DENSITY)
_FIFTHS = tuple(part / 5 for part in range(6))
_TENTHS = tuple(part / 10 for part in range(11))
# Two and four steps at either end, where titles and fades are, and what is between.
_ENDS = (0.0, 0.02, 0.06, 0.94, 0.98, 1.0)
_DIRECTIONS = 16
_COURSES = 8
_VIDEO_POOLS = (
    Pool(of="mean", columns=None, points=()),
    Pool(of="deviation", columns=None, points=()),
)
_MUSIC_POOLS = (
    *_VIDEO_POOLS,
    Pool(of="percentiles", columns=_LEVELS, points=(2, 10, 25, 50, 75, 90, 98)),
    Pool(of="change", columns=_LEVELS, points=()),
    Pool(of="change percentiles", columns=_LEVELS, points=(5, 95)),
    Pool(of="correlation", columns=_LEVELS, points=()),
    Pool(of="log level", columns=(LOUDNESS,), points=()),
)
# The share of each member in a cosine.
_ORDER_FREE, _ORDERED, _LINEAR, _LEARNT = 0.08, 0.16, 0.26, 0.5


def real_pairs_run() -> RunConfig:
    """Streams `video` and `music`, 100 rows an item; every item may be of the training split."""
    video, music = _video_members(), _music_members()
    return RunConfig(
        name="real_pairs_run",
        design=ModelDesign(video.vector_width, TowerDesign("video", video, STEPS), TowerDesign("music", music, STEPS)),
        objective=II(LossWeights(gamma_intra=0.0), logit_scale_start=2.3, logit_scale_learning_rate=2e-3),
        fitted=FittedStart(),
        epochs=27,
        batch_pairs=144,
        learning_rate=2e-3,
        weight_decay=0.5,
        warmup_epochs=7,
        weight_average=0.95,
        shared_steps=0.6,
        keep="last",
        # The members standardise what they need, and roots and ranks are of the values as they are.
        standardisation_limit=None,
        device="cpu",
    )


def order_free_run() -> RunConfig:
    """Its first member alone, solved and not trained: what is known of a track that may start anywhere."""
    video, music = _statistics(_VIDEO_POOLS), _statistics(_MUSIC_POOLS)
    design = ModelDesign(_DIRECTIONS, TowerDesign("video", video, STEPS), TowerDesign("music", music, STEPS))
    return replace(real_pairs_run(), name="order_free_run", design=design, shared_steps=None, epochs=0)


def _video_members() -> EnsembleSpec:
    network = LearntMap(components=160, hidden=64, dropout=0.5, noise=0.3)
    ordered = (*_VIDEO_POOLS, _all("spans", *_FIFTHS), _all("spans", *_ENDS))
    return _members(_VIDEO_POOLS, ordered, None, network)


def _music_members() -> EnsembleSpec:
    network = LearntMap(components=None, hidden=32, dropout=0.25, noise=0.3)
    ordered = (
        *_MUSIC_POOLS,
        Pool(of="spans", columns=(NO_CHORD, *_LEVELS), points=_TENTHS),
        Pool(of="spans", columns=_LEVELS, points=_FIFTHS),
    )
    return _members(_MUSIC_POOLS, ordered, _music_views(), network)


def _music_views() -> tuple[View, ...]:
    return (
        *(View(column=column, reading="as it is") for column in (NO_CHORD, *_LEVELS)),
        View(column=LOUDNESS, reading="root"),
        View(column=DENSITY, reading="exponential"),
        *(View(column=column, reading="deviations") for column in (NO_CHORD, *_LEVELS)),
        *(View(column=column, reading="ranks") for column in _LEVELS),
    )


def _members(
    order_free: tuple[Pool, ...],
    ordered: tuple[Pool, ...],
    views: tuple[View, ...] | None,
    network: LearntMap,
) -> EnsembleSpec:
    linear = CoursesSpec(kind="courses", steps=STEPS, width=_COURSES, views=views, learnt=None)
    members = [
        Member(weight=_ORDER_FREE, encoder=_statistics(order_free)),
        Member(weight=_ORDERED, encoder=_statistics(ordered)),
        Member(weight=_LINEAR, encoder=linear),
        Member(weight=_LEARNT, encoder=linear.model_copy(update={"learnt": network})),
    ]
    return EnsembleSpec(kind="ensemble", members=tuple(members))


def _statistics(pools: tuple[Pool, ...]) -> StatisticsSpec:
    return StatisticsSpec(kind="statistics", pools=pools, limit=4.0, width=_DIRECTIONS)


def _all(of: str, *points: float) -> Pool:
    return Pool.model_validate({"of": of, "columns": None, "points": points})

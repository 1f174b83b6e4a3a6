"""Pairs as real videos have them, in small: what happens in the picture happens in the music, and a run for them."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from app.encoders.fitted_specs import CoursesSpec, EnsembleSpec, LearntMap, Member, Pool, StatisticsSpec, View
from training.design import ModelDesign, TowerDesign
from training.pair_set import Item, Split, StreamForm
from training.pair_set_writer import PairSetWriter, StreamPlan
from training.real_pairs import real_pairs_run
from training.run_config import RunConfig

VIDEO = StreamForm("video", "made-up:video", dim=8, steps="12 segments")
MUSIC = StreamForm("music", "made-up:music", dim=5, steps="12 segments")
STEPS = 12
STATISTICS = StatisticsSpec(kind="statistics", pools=(Pool(of="mean", columns=None, points=()),), limit=4.0, width=3)
COURSES = CoursesSpec(kind="courses", steps=STEPS, width=2, views=None, learnt=None)
READ = COURSES.model_copy(update={"views": tuple(View(column=at, reading="as it is") for at in range(MUSIC.dim))})
NETWORK = LearntMap(components=None, hidden=4, dropout=0.2, noise=0.3)


def write_small_real_pairs(folder: Path, *, count: int = 48, split: Split = "train", seed: int = 0) -> Path:
    """Both sides share three numbers an item and two courses; that all begin alike says nothing."""
    made_of, rng = np.random.default_rng(7), np.random.default_rng(seed)
    to_video, to_music = (made_of.normal(size=(5, form.dim)) for form in (VIDEO, MUSIC))
    opening = 5 * made_of.normal(size=(STEPS, 5)) * (np.arange(STEPS) < 2)[:, None]
    streams = {"video": StreamPlan(VIDEO), "music": StreamPlan(MUSIC)}
    with PairSetWriter(folder, streams=streams, query=["video"], target=["music"]) as writer:
        for number in range(count):
            hidden = np.concatenate([np.tile(rng.normal(size=3), (STEPS, 1)), rng.normal(size=(STEPS, 2))], axis=1)
            hidden = hidden + opening
            features = {
                name: (hidden @ matrix + rng.normal(size=(STEPS, matrix.shape[1])) / 2).astype(np.float32)
                for name, matrix in (("video", to_video), ("music", to_music))
            }
            writer.add(Item(id=f"item-{number}", track=f"track-{number}", split=split), features)
    return folder


def small_real_pairs_run() -> RunConfig:
    """`real_pairs_run` for `write_small_real_pairs`: every kind of member, a few steps of training."""
    query = _ensemble(COURSES, NETWORK.model_copy(update={"components": 6}))
    target = _ensemble(READ, NETWORK)
    design = ModelDesign(query.vector_width, TowerDesign("video", query, STEPS), TowerDesign("music", target, STEPS))
    return replace(
        real_pairs_run(), name="small_real_pairs_run", design=design, epochs=4, batch_pairs=16, warmup_epochs=1
    )


def _ensemble(courses: CoursesSpec, learnt: LearntMap) -> EnsembleSpec:
    network = courses.model_copy(update={"learnt": learnt})
    weighed = ((0.2, STATISTICS), (0.3, courses), (0.5, network))
    return EnsembleSpec(
        kind="ensemble", members=tuple(Member(weight=weight, encoder=encoder) for weight, encoder in weighed)
    )

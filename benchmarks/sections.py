"""Whether the section found is of the right half, where a track changes its character half-way; and what it costs.

    python -m benchmarks.sections [--scenes N]

Each scene has a film and a piece of music that fits it, from the training's generator with seeds of its own. The pieces
of two scenes are put end to end, in both orders, and each of the two films looks for its section: its middle must lie
in the piece that was made for it. The bound is how often the piece alone, embedded as a track, beats the other: no
choice of sections can be expected to do better. Timed with the worker processes, all features read from files.
"""

import argparse
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from app.domain import Brief, Embedding, Float32Array, Track
from app.encoders.checkpoint import load_checkpoint
from app.encoders.encoder import Encoder
from app.opening import open_library, running_pool
from app.recommendation.library import Library, SectionEncoder
from app.recommendation.section_plan import plan_sections
from app.recommendation.sections import fitting_sections
from app.settings import STARTER_CHECKPOINT, Settings
from benchmarks.machine import Finding, print_findings
from benchmarks.made_up_library import fill_catalogue
from training.procedural.composition import compose
from training.procedural.mixing import record
from training.procedural.pairs import material_of
from training.procedural.picture import draw_video
from training.procedural.scene import draw_scene
from training.procedural.style import draw_style
from training.procedural.wear import worn
from training.processes import one_thread_each

SCENES, SCENES_AT_ONCE, PROCESSES = 240, 20, 2
# Far from the seeds that training pairs are drawn from.
SEED = 77_000_000
VIDEO_S, PIECE_S = (6.0, 40.0), (30.0, 75.0)
ASKED_SHARE, ASKED_MS = 0.8, {10: 15.0, 100: 150.0}
TURNS = 9


@dataclass(frozen=True, slots=True)
class Trial:
    """`own_is_first`: the film's own piece is the first half. `is_right`, `beats_alone`: who won, in the track and
    where the two pieces are tracks of their own."""

    own_is_first: bool
    is_right: bool
    beats_alone: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """A film, and the piece that was made for its scene."""

    embedding: Embedding
    video_duration_s: float
    sound: Float32Array


def main() -> None:
    parser = argparse.ArgumentParser(description="sections: the right half, and the time it takes")
    parser.add_argument("--scenes", type=int, default=SCENES, help=f"how many films with their music ({SCENES})")
    scenes = parser.parse_args().scenes
    print_findings("Sections", [*rightness(scenes), *costs()])


def rightness(scenes: int) -> list[Finding]:
    seeds = range(SEED, SEED + scenes, SCENES_AT_ONCE)
    with one_thread_each(), ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as processes:
        trials = [trial for some in processes.map(trials_of, seeds) for trial in some]
    first = [trial.is_right for trial in trials if trial.own_is_first]
    second = [trial.is_right for trial in trials if not trial.own_is_first]
    share = statistics.mean(trial.is_right for trial in trials)
    bound = statistics.mean(trial.beats_alone for trial in trials)
    return [
        Finding(f"the right half wins, of {len(trials)}", f"{share:.1%}", f"≥ {ASKED_SHARE:.0%}", share >= ASKED_SHARE),
        Finding(f"… where it is the first half, of {len(first)}", f"{statistics.mean(first):.1%}", "", None),
        Finding(f"… where it is the second half, of {len(second)}", f"{statistics.mean(second):.1%}", "", None),
        Finding("the right piece wins where both are whole tracks", f"{bound:.1%}", "", None),
    ]


def trials_of(first_seed: int) -> list[Trial]:
    """All trials of some scenes, each put together with the next. Runs in a process of its own."""
    encoder = load_checkpoint(STARTER_CHECKPOINT, "cpu")
    scenes = [scored(seed, encoder) for seed in range(first_seed, first_seed + SCENES_AT_ONCE)]
    alone = embedded([scene.sound for scene in scenes], encoder)
    trials = []
    for place, one in enumerate(scenes):
        following = (place + 1) % len(scenes)
        other = scenes[following]
        for own, its, film in ((place, following, one), (following, place, other)):
            beats_alone = bool(film.embedding @ alone[own] > film.embedding @ alone[its])
            for is_first in (True, False):
                halves = (scenes[own].sound, scenes[its].sound) if is_first else (scenes[its].sound, scenes[own].sound)
                in_first = chosen_first_half(*halves, film, encoder)
                trials.append(Trial(is_first, in_first == is_first, beats_alone))
    return trials


def scored(seed: int, encoder: Encoder) -> Scored:
    scene = draw_scene(np.random.default_rng((seed, 0)))
    drawn = np.random.default_rng((seed, 1))
    duration_s = float(np.exp(drawn.uniform(*np.log(VIDEO_S))))
    film = draw_video(scene.seen(drawn), drawn, plan=encoder.spec.frame_plan(), duration_s=duration_s)
    [embedding] = encoder.embed_videos(encoder.video_features([film]), [Brief()])
    played, rate_hz = np.random.default_rng((seed, 2)), encoder.spec.sound_plan().rate_hz
    view = scene.seen(played)
    style = draw_style(view.factors, played)
    score = compose(style, played, length_s=float(played.uniform(*PIECE_S)), arc=view.arc)
    return Scored(
        embedding, duration_s, worn(record(score, style, rate_hz=rate_hz, channels=1)[0], played, rate_hz=rate_hz)
    )


def chosen_first_half(first: Float32Array, second: Float32Array, film: Scored, encoder: Encoder) -> bool:
    """Whether the best section's middle lies in the first piece."""
    sound, plan = np.concatenate([first, second]), encoder.spec.sound_plan()
    sections = plan_sections(
        len(sound) / plan.rate_hz, video_duration_s=film.video_duration_s, sampling=encoder.spec.music.sampling
    )
    features_SE = encoder.music_features([material_of(sound, plan)])[0]
    scores = encoder.embed_tracks(features_SE[sections.rows]) @ film.embedding
    middle_s = sections.starts_s[int(np.argmax(scores))] + sections.length_s / 2
    return bool(middle_s * plan.rate_hz < len(first))


def embedded(sounds: list[Float32Array], encoder: Encoder) -> Float32Array:
    plan = encoder.spec.sound_plan()
    return encoder.embed_tracks(np.stack([encoder.music_features([material_of(sound, plan)])[0] for sound in sounds]))


def costs() -> list[Finding]:
    """Of whole questions, reading the features included, for pages of several lengths."""
    with tempfile.TemporaryDirectory(prefix="bgm-sections-") as temporary:
        settings = Settings(data_dir=Path(temporary) / "data")
        fill_catalogue(settings.data_dir, tracks=max(ASKED_MS))
        with open_library(settings) as library, running_pool(settings) as pool:
            tracks = with_features(library)
            pool.wait_until_ready()
            return [cost(tracks[:count], asked_ms, library, pool) for count, asked_ms in ASKED_MS.items()]


def with_features(library: Library) -> list[Track]:
    with library.catalogue.reading() as queries:
        tracks = list(queries.tracks(range(1, max(ASKED_MS) + 1)).values())
    rng, music = np.random.default_rng(1), library.spec.music
    for track in tracks:
        features = rng.standard_normal((music.steps, music.feature_dim)).astype(np.float32)
        library.blobs.put_features(track.sha256, music.stored_space, features)
    return tracks


def cost(tracks: list[Track], asked_ms: float, library: Library, encoder: SectionEncoder) -> Finding:
    embedding = np.eye(1, library.spec.embedding_dim, dtype=np.float32)[0]
    spent_ms = []
    # The first turn warms files and processes and is not counted.
    for _ in range(1 + TURNS):
        began = time.perf_counter()
        fitting_sections(tracks, embedding=embedding, video_duration_s=12.0, library=library, encoder=encoder)
        spent_ms.append((time.perf_counter() - began) * 1000)
    median = statistics.median(spent_ms[1:])
    figure, asked = f"{median:.0f} ms", f"≤ {asked_ms:.0f} ms"
    return Finding(f"sections of {len(tracks)} tracks", figure, asked, median <= asked_ms)


if __name__ == "__main__":
    main()

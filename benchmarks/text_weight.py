"""How much the words should weigh beside the encoder, on procedural pairs whose tracks are tagged by other words.

    python -m benchmarks.text_weight [--pairs runs/procedural-…]

Every video of the test split is ranked among all its tracks by the starter checkpoint, words included, and by the
words against the tracks' titles, genres, moods and keywords, fused with a weight from 0 to 1. A track is tagged from a
view of its scene that neither picture nor words have seen, with the words of the demo library's tracks that are nearest
to it: somebody else's vocabulary. Without `--pairs` some hundred pairs are drawn anew.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.catalogue.word_numbers import WordField, WordNumbers
from app.domain import Brief, Float32Array, TrackDetails
from app.encoders.checkpoint import load_checkpoint
from app.encoders.encoder import Encoder
from app.filters import words_of
from app.recommendation.fuse import Scores, brought_to_one, fused
from app.recommendation.lexical import FIELD_WEIGHTS, lexical_scores, query_words
from app.settings import STARTER_CHECKPOINT
from benchmarks.machine import describe_machine, markdown_table
from training.pair_set_reader import open_pair_set
from training.procedural.demo_styles import demo_tracks
from training.procedural.pairs import draw_pair
from training.procedural.scene import Scene, draw_scene
from training.procedural.words import draw_keywords

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 0.8, 1.0)
DRAWN_PAIRS, FIRST_DRAWN_SEED = 300, 5_000_000
NEAREST, TAGGING_SEED = 4, 77
Details = Sequence[TrackDetails]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Raw features of videos and tracks, (N, S, E), what was written about each video, and what each is about."""

    videos: Float32Array
    tracks: Float32Array
    briefs: Sequence[Brief]
    scenes: Sequence[Scene]


def main() -> None:
    parser = argparse.ArgumentParser(description="the weight of the words beside the encoder")
    parser.add_argument("--pairs", type=Path, help="a procedural pair set; some hundred pairs are drawn without it")
    arguments = parser.parse_args()
    encoder = load_checkpoint(STARTER_CHECKPOINT, "cpu")
    pairs = _kept(arguments.pairs) if arguments.pairs else _drawn(encoder)
    tags = _tags(pairs.scenes)
    print(f"{len(pairs.briefs):,} videos, as many tracks. {describe_machine()}\n")
    for name, brief_of in BRIEFS.items():
        briefs = [brief_of(brief) for brief in pairs.briefs]
        cosines = encoder.embed_videos(pairs.videos, briefs) @ encoder.embed_tracks(pairs.tracks).T
        lexical = {librarian: _lexical(briefs, details) for librarian, details in tags.items()}
        rows = [[f"{weight:g}", *(_cell(cosines, words, weight) for words in lexical.values())] for weight in WEIGHTS]
        print(f"{name}: R@10 in %, median rank\n\n{markdown_table(('weight', *lexical), rows)}\n")


BRIEFS: Mapping[str, Callable[[Brief], Brief]] = {
    "Title and keywords": lambda brief: brief,
    "Title alone": lambda brief: replace(brief, keywords=()),
}


def _kept(folder: Path) -> Pairs:
    pair_set = open_pair_set(folder)
    items = pair_set.items_of("test")
    kept = [pair_set.items[number] for number in items]
    videos, tracks = (
        np.stack([stream.values(np.arange(*stream.offsets[number : number + 2])) for number in items])
        for stream in (pair_set.streams["video"], pair_set.streams["music"])
    )
    briefs = [Brief(item.title, item.keywords) for item in kept]
    return Pairs(videos, tracks, briefs, [_scene(int(item.id.removeprefix("procedural-"))) for item in kept])


def _drawn(encoder: Encoder) -> Pairs:
    spec = encoder.spec
    drawn = [
        draw_pair(seed, frame_plan=spec.frame_plan(), sound_plan=spec.sound_plan())
        for seed in range(FIRST_DRAWN_SEED, FIRST_DRAWN_SEED + DRAWN_PAIRS)
    ]
    return Pairs(
        videos=np.concatenate([encoder.video_features([pair.video]) for pair in drawn]),
        tracks=np.concatenate([encoder.music_features([pair.sound]) for pair in drawn]),
        briefs=[pair.briefs[0] for pair in drawn],
        scenes=[pair.scene for pair in drawn],
    )


def _scene(seed: int) -> Scene:
    """As `draw_pair` draws it: the first of a pair's streams of chance."""
    return draw_scene(np.random.default_rng((seed, 0)))


def _tags(scenes: Sequence[Scene]) -> dict[str, Details]:
    """What is said of the tracks, by several kinds of librarian."""
    rng = np.random.default_rng(TAGGING_SEED)
    views = [scene.seen(rng) for scene in scenes]
    own = [_tagged(np.array(astuple(view.factors)), rng) for view in views]
    shared = [replace(details, keywords=draw_keywords(view, rng)) for details, view in zip(own, views, strict=True)]
    halved = [details if rng.random() < 0.5 else TrackDetails(title=details.title) for details in own]
    return {
        "own words": own,
        "keywords of the same vocabulary": shared,
        "half of them not tagged": halved,
        "another track's tags": [own[place] for place in rng.permutation(len(own))],
    }


def _tagged(factors: NDArray[np.float64], rng: np.random.Generator) -> TrackDetails:
    """In the words of the demo library's tracks that are nearest, the title of one of them or of any."""
    library = demo_tracks()
    distances = [float(np.linalg.norm(np.array(astuple(track.factors)) - factors)) for track in library]
    near = [library[place] for place in np.argsort(distances)[:NEAREST]]
    moods = sorted({mood for track in near for mood in track.moods})
    keywords = sorted({keyword for track in near for keyword in track.keywords})
    titled = near if rng.random() < 0.5 else library
    return TrackDetails(
        title=titled[int(rng.integers(len(titled)))].title,
        genre=near[0].genre,
        moods=tuple(map(str, rng.choice(moods, 2, replace=False))),
        keywords=tuple(map(str, rng.choice(keywords, 4, replace=False))),
    )


def _cell(cosines: Float32Array, lexical: Sequence[Scores], weight: float) -> str:
    ranks = np.array(
        [_rank(row, words, place, weight) for place, (row, words) in enumerate(zip(cosines, lexical, strict=True))]
    )
    return f"{100 * (ranks <= 10).mean():.1f}, {np.median(ranks):g}"


def _rank(cosines: Float32Array, lexical: Scores, right: int, weight: float) -> int:
    """Of the right track, from 1; equal scores by cosine, as a ranking has them."""
    scores = fused(brought_to_one(cosines), lexical, weight=weight)
    is_better = (scores > scores[right]) | ((scores == scores[right]) & (cosines > cosines[right]))
    return 1 + int(is_better.sum())


def _lexical(briefs: Sequence[Brief], details: Details) -> list[Scores]:
    """For each brief the score of every track."""
    index, numbers = _index(details), np.arange(len(details))
    return [lexical_scores([index(word) for word in query_words(brief)], numbers)[numbers] for brief in briefs]


def _index(details: Details) -> Callable[[str], WordNumbers]:
    """Tells where a word stands, as the catalogue's index of words would."""
    found: dict[tuple[str, WordField], list[int]] = defaultdict(list)
    for number, said in enumerate(details):
        texts: dict[WordField, Sequence[str]] = {
            "title": [said.title or ""],
            "genre": [said.genre or ""],
            "words": [*said.moods, *said.keywords],
        }
        for field, listed in texts.items():
            for word in {word for text in listed for word in words_of(text)}:
                found[word, field].append(number)
    return lambda word: {field: np.array(found.get((word, field), []), dtype=np.int64) for field in FIELD_WEIGHTS}


if __name__ == "__main__":
    main()

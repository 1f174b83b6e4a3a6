"""A library of tracks with all sorts of details, and what of it matches a filter, found without any database."""

import hashlib
from dataclasses import replace

import numpy as np

from app.domain import Embedding, NewTrack, Track, TrackDetails
from app.filters import TrackFilter
from app.recommendation.library import Library
from tests.fake_pool import embedding_of
from tests.library_on_disk import DIGEST
from tests.recommendation.tracks_at_hand import new_track

GENRES = ("Jazz", "Folk", "Synthwave", None)
MOODS = ("calm", "dark", "happy")
ARTISTS = ("One", "Two", "Three", None)
WORDS = ("night", "city", "river", "neon")


def varied(number: int) -> NewTrack:
    rng = np.random.default_rng(number)
    details = TrackDetails(
        title=f"{WORDS[rng.integers(4)]} song {number}",
        artist=ARTISTS[rng.integers(4)],
        genre=GENRES[rng.integers(4)],
        moods=tuple(mood for mood in MOODS if rng.random() < 0.4),
        keywords=tuple(word for word in WORDS if rng.random() < 0.2),
        vocals=bool(rng.random() < 0.5) if rng.random() < 0.8 else None,
        bpm=float(rng.uniform(60, 180)) if rng.random() < 0.9 else None,
    )
    return replace(new_track(content(number)), duration_s=float(rng.uniform(10, 300)), details=details)


def content(number: int) -> bytes:
    return b"track %d" % number


NUMBERS = {hashlib.sha256(content(number)).hexdigest(): number for number in range(1000)}


def fill(library: Library, count: int) -> list[Track]:
    """So many varied tracks, and an index that knows them."""
    with library.catalogue.writing() as queries:
        tracks = [
            queries.add_track(varied(number), digest=DIGEST, embedding=embedding_of(content(number)))
            for number in range(count)
        ]
    library.upkeep.catch_up()
    return tracks


def cosine(track: Track, query: Embedding) -> float:
    return float(embedding_of(content(NUMBERS[track.sha256])) @ query)


def matches(track: Track, wanted: TrackFilter) -> bool:
    said = track.details
    bounds = (
        (wanted.bpm_min, wanted.bpm_max, said.bpm),
        (wanted.duration_min, wanted.duration_max, track.duration_s),
    )
    return (
        (not wanted.genre or said.genre in wanted.genre)
        and (not wanted.mood or bool(set(wanted.mood) & set(said.moods)))
        and (not wanted.artist or said.artist in wanted.artist)
        and (wanted.vocals is None or said.vocals is wanted.vocals)
        and all(_is_within(*bound) for bound in bounds)
    )


def _is_within(least: float | None, most: float | None, value: float | None) -> bool:
    if least is None and most is None:
        return True
    return value is not None and (least is None or value >= least) and (most is None or value <= most)

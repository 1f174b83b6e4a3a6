"""A catalogue of made-up tracks, for measurements in which the size of the library matters and its sound does not."""

import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, insert, update
from ulid import ULID

from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.catalogue.migrate import upgrade
from app.catalogue.rows import row_of_embedding, row_of_track, rows_of_moods
from app.catalogue.tables import changes, embeddings, library, moods
from app.catalogue.tables import tracks as track_rows
from app.catalogue.words import store_words
from app.domain import Float32Array, NewTrack, TrackDetails
from app.encoders.spec import digest_of, read_spec
from app.settings import STARTER_CHECKPOINT

TRACKS_AT_ONCE = 5000
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
# A genre that one track in the whole library has.
RAREST_GENRE = "Only One"
GENRES = [f"Genre {number}" for number in range(40)]
MOODS = [f"mood {number}" for number in range(30)]
ARTISTS = [f"Artist {number}" for number in range(5000)]
LICENSES = ["CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "Royalty-free", None]
WORDS = [f"{first}{second}" for first in "bdfgklmnprst" for second in ("ala", "eno", "iru", "omi", "ude", "yra")]
# A few are frequent and most are rare, as in every library.
FALLING = list(accumulate(1 / (place + 1) for place in range(len(ARTISTS))))


def fill_catalogue(data_dir: Path, *, tracks: int, seed: int = 7) -> None:
    """A library of made-up tracks with random unit embeddings for the starter checkpoint; no file belongs to them."""
    data_dir.mkdir(parents=True)
    url = f"sqlite:///{data_dir.resolve() / 'catalogue.sqlite3'}"
    upgrade(url)
    digest, dim = digest_of(STARTER_CHECKPOINT), read_spec(STARTER_CHECKPOINT).embedding_dim
    drawn = np.random.default_rng(seed).standard_normal((tracks, dim)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    engine = open_engine(url)
    with Catalogue(engine).transactions.writing() as connection:
        for first in range(0, tracks, TRACKS_AT_ONCE):
            part = range(first, min(first + TRACKS_AT_ONCE, tracks))
            _insert(connection, [_made_up_track(place, of=tracks, seed=seed) for place in part], first=first + 1)
            _embed(connection, drawn[part.start : part.stop], digest=digest, first=first + 1)
        connection.execute(update(library).values(last_change=tracks, active_digest=digest))
    engine.dispose()


def _insert(connection: Connection, made_up: list[NewTrack], *, first: int) -> None:
    """As the catalogue's writer would one by one, in a fiftieth of the time."""
    numbered = list(enumerate(made_up, first))
    rows = [row_of_track(track) | {"number": number, **_id_and_moment(number)} for number, track in numbered]
    connection.execute(insert(track_rows), rows)
    connection.execute(
        insert(moods), [row for number, track in numbered for row in rows_of_moods(number, track.details)]
    )
    store_words(connection, [(number, track.details) for number, track in numbered])
    connection.execute(insert(changes), [{"at": number, "kind": "added", "number": number} for number, _ in numbered])


def _embed(connection: Connection, drawn: Float32Array, *, digest: str, first: int) -> None:
    rows = [row_of_embedding(number, digest, embedding) for number, embedding in enumerate(drawn, first)]
    connection.execute(insert(embeddings), rows)


def _id_and_moment(number: int) -> dict[str, object]:
    added_at = BEGINNING + timedelta(minutes=number)
    return {"id": str(ULID.from_datetime(added_at)), "added_at": added_at}


def _made_up_track(place: int, *, of: int, seed: int) -> NewTrack:
    draw = random.Random(seed * 1_000_003 + place)
    return NewTrack(
        sha256=sha256(str(place).encode()).hexdigest(),
        file_name=f"{place}.ogg",
        media_type="audio/ogg",
        size_bytes=1,
        container="ogg",
        codec="vorbis",
        duration_s=round(draw.uniform(20, 400), 2),
        loudness_lufs=-14.0,
        details=_made_up_details(place, draw, is_rarest=place == of // 2),
    )


def _made_up_details(place: int, draw: random.Random, *, is_rarest: bool) -> TrackDetails:
    (artist,) = draw.choices(ARTISTS, cum_weights=FALLING)
    (genre,) = draw.choices(GENRES, cum_weights=FALLING[: len(GENRES)])
    return TrackDetails(
        title=f"{draw.choice(WORDS)} {draw.choice(WORDS)} {place}".capitalize(),
        artist=artist,
        album=f"{draw.choice(WORDS)} {draw.choice(WORDS)}".title(),
        genre=RAREST_GENRE if is_rarest else genre,
        moods=tuple(draw.sample(MOODS, draw.randrange(4))),
        keywords=tuple(draw.sample(WORDS, draw.randrange(4))),
        license=draw.choice(LICENSES),
        vocals=draw.choice([True, False, None]),
        explicit=draw.choice([True, False, False, None]),
        bpm=round(draw.uniform(60, 180), 1),
    )

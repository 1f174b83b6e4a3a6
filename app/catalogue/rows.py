"""Between values of the domain and rows of the tables: tracks, embeddings, changes."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import RowMapping

from app.domain import Change, Embedding, Float32Array, NewTrack, Track, TrackDetails
from app.errors import CatalogueError, InvalidParameter
from app.filters import folded

DETAILS = tuple(TrackDetails.__dataclass_fields__)
OWN = ("number", "id", "added_at", "recording", *(name for name in NewTrack.__dataclass_fields__ if name != "details"))
# PostgreSQL's indexes take no entry of more than 2,700 bytes, and one letter may become a whole word when it is folded.
LONGEST_FOLDED = 200


def row_of_track(track: NewTrack) -> dict[str, object]:
    """The columns of a new track. Raises InvalidParameter for text that not every database can hold."""
    measured = {name: value for name, value in asdict(track).items() if name != "details"}
    for name, value in measured.items():
        if isinstance(value, str):
            _check_text(name, value)
    return measured | columns_of_details(track.details)


def columns_of_details(details: TrackDetails) -> dict[str, object]:
    """What people say of a track as columns, with what filters compare. Raises as `row_of_track` does."""
    row: dict[str, object] = asdict(details)
    for name, value in row.items():
        if isinstance(value, str):
            _check_text(name, value)
        elif isinstance(value, tuple):
            row[name] = list(value)
            for word in value:
                _check_text(name, word)
    said = {"genre": details.genre, "artist": details.artist, "license": details.license}
    return row | {f"{name}_folded": folded_value(value or "") or None for name, value in said.items()}


def rows_of_moods(number: int, details: TrackDetails) -> list[dict[str, object]]:
    """A track's moods, each once however often it is spelled differently."""
    spelled = {folded_value(mood): mood for mood in reversed(details.moods)}
    return [{"mood_folded": name, "mood": mood, "number": number} for name, mood in sorted(spelled.items())]


def folded_value(text: str) -> str:
    """What filters compare of a text."""
    return folded(text)[:LONGEST_FOLDED]


def track_of_row(row: RowMapping) -> Track:
    details = {name: row[name] for name in DETAILS}
    words = {name: tuple(details[name]) for name in ("moods", "keywords")}
    return Track(**{name: row[name] for name in OWN}, details=TrackDetails(**(details | words)))


def change_of_row(row: RowMapping) -> Change:
    return Change(at=row["at"], kind=row["kind"], number=row["number"])


def row_of_embedding(number: int, digest: str, embedding: Embedding) -> dict[str, object]:
    """The columns of an embedding, shape (D,). Raises ValueError where it is no finite vector: a caller's defect."""
    if embedding.ndim != 1 or embedding.size == 0 or not np.isfinite(embedding).all():
        raise ValueError(f"the embedding of track {number} is no finite vector (shape {embedding.shape})")
    vector = np.ascontiguousarray(embedding, dtype="<f4").tobytes()
    return {"number": number, "digest": digest, "dim": embedding.size, "vector": vector}


def stacked(rows: Sequence[tuple[int, int, bytes]]) -> tuple[NDArray[np.int64], Float32Array]:
    """Rows of (number, dim, vector) as arrays (n,) and (n, D). Raises CatalogueError naming a track that differs."""
    dim = rows[0][1]
    for number, row_dim, vector in rows:
        if row_dim != dim or len(vector) != 4 * dim:
            found = f"{row_dim} values in {len(vector)} bytes"
            raise CatalogueError(reason=f"the embedding of track {number} has {found}; others have {dim} values")
    numbers = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    vectors = np.frombuffer(b"".join(row[2] for row in rows), dtype="<f4")
    return numbers, vectors.reshape(len(rows), dim).astype(np.float32, copy=False)


def _check_text(name: str, text: str) -> None:
    # PostgreSQL takes no NUL, and neither database takes half a surrogate pair (a file name that is not UTF-8).
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidParameter(parameter=name, reason="holds a character that cannot be stored")

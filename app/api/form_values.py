"""Reads the text fields of a form as the values they stand for. Raises InvalidParameter, naming the field."""

import re
from collections.abc import Mapping, Sequence

from app.domain import TrackDetails
from app.errors import InvalidParameter

Texts = Mapping[str, Sequence[str]]

TRUTH = {"true": True, "false": False}
DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)


def text(texts: Texts, name: str) -> str | None:
    """The field's text; None where it is missing or blank, as browsers send a field that nobody filled in."""
    found = texts.get(name, [""])[0]
    return found if found.strip() else None


def words(texts: Texts, name: str) -> tuple[str, ...]:
    """The words of a field that may be repeated or hold several, separated by commas."""
    pieces = [word.strip() for found in texts.get(name, []) for word in found.split(",")]
    return tuple(word for word in pieces if word)


def truth(texts: Texts, name: str) -> bool | None:
    found = text(texts, name)
    if found is None:
        return None
    if found.strip().lower() not in TRUTH:
        raise InvalidParameter(parameter=name, reason="must be true or false")
    return TRUTH[found.strip().lower()]


def number(texts: Texts, name: str) -> float | None:
    found = text(texts, name)
    if found is None:
        return None
    if not DECIMAL.fullmatch(found.strip()):
        raise InvalidParameter(parameter=name, reason="must be a number such as 96 or 96.5")
    return float(found)


def whole(texts: Texts, name: str, *, default: int, lowest: int, highest: int) -> int:
    found = (text(texts, name) or str(default)).strip()
    if not (found.isascii() and found.isdigit() and len(found) < 10 and lowest <= int(found) <= highest):
        raise InvalidParameter(parameter=name, reason=f"must be a whole number from {lowest} to {highest}")
    return int(found)


def details(texts: Texts) -> TrackDetails:
    """What a form says of a track; lengths and ranges are the use-case's to check."""
    return TrackDetails(
        title=text(texts, "title"),
        artist=text(texts, "artist"),
        album=text(texts, "album"),
        genre=text(texts, "genre"),
        moods=words(texts, "moods"),
        keywords=words(texts, "keywords"),
        license=text(texts, "license"),
        attribution=text(texts, "attribution"),
        source_url=text(texts, "source_url"),
        vocals=truth(texts, "vocals"),
        explicit=truth(texts, "explicit"),
        bpm=number(texts, "bpm"),
    )

"""What may be said of a track, and how what nobody said is filled in from the file. Knows no form and no table."""

import unicodedata
from dataclasses import replace
from pathlib import PurePath
from urllib.parse import urlsplit

from app.domain import Brief, Tags, TrackDetails
from app.errors import InvalidParameter

LONGEST_TEXT = {
    "title": 500,
    "artist": 500,
    "album": 500,
    "genre": 200,
    "license": 200,
    "attribution": 2000,
    "source_url": 2000,
}
MOST_WORDS = 50
LONGEST_WORD = 100
SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0


def checked(details: TrackDetails) -> TrackDetails:
    """The same details, texts trimmed, blank ones None. Raises InvalidParameter for the first that cannot be kept."""
    kept = replace(
        details,
        title=checked_text("title", details.title),
        artist=checked_text("artist", details.artist),
        album=checked_text("album", details.album),
        genre=checked_text("genre", details.genre),
        moods=checked_words("moods", details.moods),
        keywords=checked_words("keywords", details.keywords),
        license=checked_text("license", details.license),
        attribution=checked_text("attribution", details.attribution),
        source_url=checked_text("source_url", details.source_url),
    )
    if kept.source_url is not None:
        _check_address(kept.source_url)
    if kept.bpm is not None and not SLOWEST_BPM <= kept.bpm <= FASTEST_BPM:
        raise InvalidParameter(parameter="bpm", reason=f"must be between {SLOWEST_BPM:g} and {FASTEST_BPM:g}")
    return kept


def checked_brief(title: str | None, keywords: tuple[str, ...]) -> Brief:
    """Words about a video, trimmed like a track's. Raises InvalidParameter."""
    return Brief(title=checked_text("title", title), keywords=checked_words("keywords", keywords))


def checked_text(name: str, text: str | None) -> str | None:
    """One named text, as `checked` leaves it."""
    return checked_line(name, text, LONGEST_TEXT[name])


def checked_words(name: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Moods or keywords, each once, in their order. Raises InvalidParameter where they are too many or too long."""
    kept = tuple(dict.fromkeys(word for word in (checked_line(name, word, LONGEST_WORD) for word in words) if word))
    if len(kept) > MOST_WORDS:
        raise InvalidParameter(parameter=name, reason=f"has {len(kept)} words; at most {MOST_WORDS} are kept")
    return kept


def checked_line(name: str, text: str | None, limit: int) -> str | None:
    """Any text of at most `limit` characters, blanks single; None for nothing. Raises InvalidParameter."""
    trimmed = " ".join((text or "").split())
    if len(trimmed) > limit:
        raise InvalidParameter(parameter=name, reason=f"has {len(trimmed)} characters; at most {limit} are kept")
    # NUL cannot be stored by PostgreSQL, and no control character can be meant.
    if any(_is_control(letter) for letter in trimmed):
        raise InvalidParameter(parameter=name, reason="holds control characters")
    return trimmed or None


def completed(details: TrackDetails, *, tags: Tags, file_name: str, bpm: float | None) -> TrackDetails:
    """Details with what nobody said taken from the file's tags, its name and the measured tempo.

    A file's own words are cut and cleaned, not refused: whoever sent it may never have seen them.
    """
    return replace(
        details,
        title=details.title or _cleaned("title", tags.title) or _cleaned("title", PurePath(file_name).stem),
        artist=details.artist or _cleaned("artist", tags.artist),
        album=details.album or _cleaned("album", tags.album),
        genre=details.genre or _cleaned("genre", tags.genre),
        bpm=bpm if details.bpm is None else details.bpm,
    )


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise InvalidParameter(parameter="source_url", reason="is not a web address") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidParameter(parameter="source_url", reason="must begin with http:// or https:// and a host")


def _cleaned(name: str, text: str | None) -> str | None:
    seen = "".join(" " if _is_control(letter) else letter for letter in text or "")
    return " ".join(seen.split())[: LONGEST_TEXT[name]].rstrip() or None


def _is_control(letter: str) -> bool:
    # Cs: half a character, which no encoding of the outside world can carry.
    return unicodedata.category(letter) in {"Cc", "Cs"}

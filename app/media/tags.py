"""Reads what a music file says of itself: title, artist, album, genre. Knows nothing of its sound."""

from pathlib import Path
from struct import error as StructError

from tinytag import TinyTag, TinyTagException

from app.domain import Tags

# Longer than any real title; tags are written by strangers.
LONGEST_TAG = 500
# tinytag parses by hand, and a damaged file can lead it past the end of what it expects.
DAMAGED = (TinyTagException, StructError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)


def read_tags(path: Path) -> Tags:
    """The file's own tags, by its content; empty ones where it has none or they cannot be read. Raises OSError only."""
    try:
        # Given a file without its name, tinytag goes by what is in it.
        with path.open("rb") as file:
            tag = TinyTag.get(file_obj=file, tags=True, duration=False)
    except DAMAGED:
        return Tags()
    return Tags(
        title=cleaned(tag.title), artist=cleaned(tag.artist), album=cleaned(tag.album), genre=cleaned(tag.genre)
    )


def cleaned(text: str | None) -> str | None:
    """One line of printable signs, of at most LONGEST_TAG; None where nothing is left."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text or "").split())
    return words[:LONGEST_TAG].rstrip() or None

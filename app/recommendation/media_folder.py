"""Finds the media files below a folder by their endings. Opens none of them."""

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Endings worth a try; whether a file is what its name says is found out by decoding it. Some are of formats that are
# not accepted: who has such files shall be told so by name, and not find them counted among covers and text files.
MUSIC_ENDINGS = (
    "aac ac3 aif aifc aiff amr ape caf dsf eac3 flac m4a m4b mka mp2 mp3 mpc oga ogg opus tta w64 wav wave weba wma wv"
)
BEYOND = "a link to a place outside the import folder"
VIDEO_ENDINGS = "3g2 3gp asf avi flv m2t m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogg ogv ts vob webm wmv"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """`passed_over`: why the file is not worth a try; None where it is. `is_plain` False: to open it may never end."""

    path: Path
    passed_over: str | None
    is_plain: bool = True


def find_media(folder: Path, *, endings: str, outside: Path, fence: Path | None = None) -> Iterator[FoundFile]:
    """Every file below `folder` in the order of names, through links too, each real folder once.

    `endings`: those worth a try, without dots, split by spaces; any case. `outside`: a folder not to enter, the
    library's own. `fence`: a real folder; what links lead to outside of it is passed over. A folder that cannot be
    listed comes as one passed-over entry.
    """
    suffixes = {f".{ending}" for ending in endings.split()}
    seen = {_identity(outside)} if outside.exists() else set()
    unlisted: list[OSError] = []
    for place, folders, files in os.walk(folder, followlinks=True, onerror=unlisted.append):
        here = _identity(Path(place))
        if not _is_within(Path(place), fence):
            yield FoundFile(Path(place), BEYOND, is_plain=False)
            folders.clear()
            continue
        if here in seen:
            folders.clear()
            continue
        seen.add(here)
        folders.sort()
        yield from (_found(Path(place) / name, suffixes, fence) for name in sorted(files))
    yield from (FoundFile(Path(error.filename), f"cannot be listed: {error.strerror}") for error in unlisted)


def same_name(name: str) -> str:
    """A form in which two spellings of one file name are equal: macOS takes accents apart, most editors do not."""
    return unicodedata.normalize("NFC", name)


def shown(path: Path | str) -> str:
    """A file's name fit for any terminal, report or database: what is no printable Unicode becomes U+FFFD."""
    readable = os.fsencode(path).decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in readable)


def _identity(folder: Path) -> tuple[int, int]:
    known = folder.stat()
    return known.st_dev, known.st_ino


def _is_within(path: Path, fence: Path | None) -> bool:
    return fence is None or path.resolve().is_relative_to(fence)


def _found(path: Path, suffixes: set[str], fence: Path | None) -> FoundFile:
    if path.is_symlink() and not _is_within(path, fence):
        return FoundFile(path, BEYOND, is_plain=False)
    try:
        is_plain = stat.S_ISREG(path.stat().st_mode)
    except OSError:
        is_plain = True  # a broken link, say: trying it tells the reason
    return FoundFile(path, _passed_over(path, suffixes) if is_plain else "not a plain file", is_plain)


def _passed_over(path: Path, suffixes: set[str]) -> str | None:
    # Systems leave hidden companions beside media: "._song.mp3" holds no sound.
    if path.name.startswith("."):
        return "hidden file"
    if path.suffix.lower() not in suffixes:
        return f"ending '{path.suffix}' is not one to try" if path.suffix else "no ending"
    return None

"""What a server may import: folders and lists below one folder that whoever runs it has set apart. Opens no media."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.recommendation.music_list import ListedTrack, read_music_list
from app.request_errors import FolderNotAllowed


@dataclass(frozen=True, slots=True)
class ImportSource:
    """A folder of music, and where there is a list of it, that list and its file. `fence`: nothing outside is read."""

    fence: Path
    folder: Path
    listed: list[ListedTrack] | None
    list_file: Path | None


def import_source(folder: str, csv: str | None, *, import_dir: Path | None) -> ImportSource:
    """Both names are relative to `import_dir`, or absolute and below it; links are followed before that is looked at.

    Raises FolderNotAllowed, and InvalidParameter for a list that cannot be understood.
    """
    if import_dir is None:
        raise FolderNotAllowed(reason="this server has no import folder (BGM_IMPORT_DIR)")
    place = _below(import_dir, folder, "folder", Path.is_dir)
    if csv is None:
        return ImportSource(import_dir.resolve(), place, None, None)
    list_file = _below(import_dir, csv, "list", Path.is_file)
    return ImportSource(import_dir.resolve(), place, read_music_list(list_file), list_file)


def _below(import_dir: Path, name: str, what: str, is_right: Callable[[Path], bool]) -> Path:
    """Says the same of every path outside, whether there is something or not."""
    try:
        found = (import_dir / name).resolve()
        if not found.is_relative_to(import_dir.resolve()):
            raise FolderNotAllowed(reason=f"the {what} lies outside the server's import folder")
        is_there = is_right(found)
    except (OSError, RuntimeError, ValueError):
        # No path at all: too long, a ring of links, a NUL.
        is_there = False
    if not is_there:
        raise FolderNotAllowed(reason=f"there is no such {what} in the server's import folder")
    return found

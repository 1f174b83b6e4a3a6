"""A file that is to be played or saved elsewhere, opened, with what the one who gets it must know."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self


@dataclass(frozen=True, slots=True)
class PlayableFile:
    """`tag`: another one for other bytes. Whoever is given it closes `file`."""

    file: BinaryIO
    size_bytes: int
    media_type: str
    name: str
    tag: str

    @classmethod
    def open(cls, path: Path, *, media_type: str, name: str, tag: str) -> Self:
        """Raises FileNotFoundError."""
        file = path.open("rb")
        return cls(file, os.fstat(file.fileno()).st_size, media_type, name, tag)

"""The library of the page's tests: made-up pieces by made-up artists, played by a few lines of arithmetic."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.media_files import Samples, write_sound

RATE_HZ = 22_050
MAJOR, MINOR = (0, 4, 7), (0, 3, 7)
# Chords as steps above the key, one to a bar.
TURNS = ((0, 7, 9, 5), (0, 5, 7, 5), (0, 9, 5, 7), (0, 3, 8, 10))
# How loud a piece is from part to part.
SHAPES = (
    (0.25, 0.6, 1.0, 0.8, 0.3),
    (0.9, 0.35, 1.0, 1.0, 0.6),
    (0.3, 0.4, 0.55, 0.9, 1.0),
    (0.7, 0.75, 0.65, 0.8, 0.5),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """What is said of a track when it is uploaded, and how long it lasts. `bpm`: beats a minute."""

    title: str
    artist: str
    genre: str
    moods: str
    license: str
    bpm: int
    seconds: float
    vocals: bool = False

    @property
    def file_name(self) -> str:
        return f"{self.title.lower().replace(' ', '-')}.flac"

    @property
    def form(self) -> dict[str, str]:
        said = {name: getattr(self, name) for name in ("title", "artist", "genre", "moods", "license")}
        credit = f"“{self.title}” by {self.artist}, {self.license}"
        return said | {"bpm": str(self.bpm), "vocals": str(self.vocals).lower(), "attribution": credit}


PIECES = (
    Piece("Harbour Lights", "Nine Lamps", "Lo-fi", "calm, mellow", "CC-BY-4.0", 78, 46),
    Piece("Paper Boats", "Ida Lindqvist", "Classical", "calm, tender", "CC0-1.0", 72, 38),
    Piece("Neon Mile", "Marek Voss", "Synthwave", "driving, cool", "CC-BY-4.0", 104, 34),
    Piece("Undertow", "Halden", "Ambient", "dark, tense", "CC0-1.0", 64, 52),
    Piece("Kitchen Radio", "The Side Streets", "Jazz", "playful, warm", "CC-BY-SA-4.0", 118, 30),
    Piece("Summer on Tape", "Lo Carrera", "Indie", "sunny, nostalgic", "CC-BY-4.0", 112, 36, vocals=True),
    Piece("Glass Elevator", "Marek Voss", "Electronic", "curious, bright", "CC-BY-4.0", 124, 28),
    Piece("Long Way Down the River", "Juniper & Slate", "Folk", "wistful, calm", "CC-BY-SA-4.0", 84, 44, vocals=True),
    Piece("Iron Weather", "Ostgard Ensemble", "Orchestral", "epic, tense", "CC-BY-4.0", 140, 40),
    Piece("First Light", "Ida Lindqvist", "Classical", "hopeful, tender", "CC0-1.0", 66, 48),
    Piece("Late Bus Home", "Nine Lamps", "Lo-fi", "mellow, nostalgic", "CC-BY-4.0", 82, 32),
    Piece("Salt Flats", "Otero", "Cinematic", "wide, lonely", "CC-BY-4.0", 70, 5),
    Piece("Run the Rooftops", "Lo Carrera", "Indie", "driving, sunny", "CC-BY-4.0", 148, 30, vocals=True),
    Piece("A Room With No Clock", "Halden", "Ambient", "calm, peaceful", "CC0-1.0", 60, 42),
)


def write_piece(folder: Path, piece: Piece, number: int) -> Path:
    """Writes a piece as FLAC, each `number` in another key and shape; the file's path."""
    return write_sound(folder / piece.file_name, codec="flac", rate_hz=RATE_HZ, samples=played(piece, number))


def played(piece: Piece, number: int) -> Samples:
    """Chords over a pulse, their loudness going as one of SHAPES does; shape (samples,)."""
    times_s = np.arange(round(piece.seconds * RATE_HZ)) / RATE_HZ
    beats = times_s * piece.bpm / 60
    turn, triad = TURNS[number % len(TURNS)], MINOR if number % 3 == 0 else MAJOR
    steps = np.array(turn)[(beats // 4).astype(int) % len(turn)] + number % 7
    chords = sum(_voice(times_s, steps + step) for step in triad)
    sound = chords * _envelope(beats, 1.2) + 1.5 * _voice(times_s, steps - 12) * _envelope(beats, 3.0)
    shape = SHAPES[number % len(SHAPES)]
    loudness = np.interp(times_s, np.linspace(0, piece.seconds, len(shape)), shape)
    shaped = sound * loudness * np.minimum(1, (piece.seconds - times_s) / 0.5)
    samples: Samples = (0.6 * shaped / np.abs(shaped).max()).astype(np.float32)
    return samples


def _voice(times_s: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """A note `steps` semitones above A3, which changes where they do, with two overtones."""
    phase = np.cumsum(220.0 * 2 ** (steps / 12)) * 2 * np.pi / RATE_HZ
    voice: NDArray[np.float64] = np.sin(phase) + 0.3 * np.sin(2 * phase) + 0.1 * np.sin(3 * phase)
    return voice


def _envelope(beats: NDArray[np.float64], decay: float) -> NDArray[np.float64]:
    """Each beat struck anew, and dying away."""
    struck: NDArray[np.float64] = 0.35 + 0.65 * np.exp(-decay * (beats % 1))
    return struck

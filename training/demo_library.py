"""Composes the demo library: 48 tracks of all moods, free of any rights, and the list that `bgm import` reads.

python -m training.demo_library FOLDER
"""

import argparse
import csv
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.domain import Float32Array
from app.media.write_sound import write_sound
from training.procedural.composition import compose
from training.procedural.demo_styles import DemoTrack, demo_tracks
from training.procedural.mixing import record
from training.procedural.style import Style, draw_style
from training.processes import one_thread_each

PROCESSES = 2
RATE_HZ = 44_100
LOUDNESS_LUFS = -15.0
SEED = 2026
ARTIST, ALBUM, LICENSE = "Score a Video", "Demo Library", "CC0-1.0"
UNEASY = frozenset({"suspense", "horror"})
QUIET_DB = -60.0
# Below it no shaker is added, and the background stays where the desk has it.
PLAIN_DENSITY = 0.45
LIST_FILE = "library.csv"
_COLUMNS = "file,title,artist,album,genre,moods,keywords,license,attribution,vocals,explicit,bpm"


def compose_library(folder: Path, *, count: int | None = None, on_track: Callable[[str], None]) -> Path:
    """Writes the first `count` tracks (None: all) and their list into the folder; the list's path.

    Tracks that are there are kept, so that a run that was broken off goes on; each is written whole or not at all.
    `on_track` hears each title once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tracks = demo_tracks()[:count]
    missing = [number for number, track in enumerate(tracks) if not (folder / file_name(track)).exists()]
    for number, track in enumerate(tracks):
        if number not in missing:
            on_track(track.title)
    with one_thread_each(), ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as processes:
        for future in as_completed([processes.submit(write_track, folder, number) for number in missing]):
            on_track(future.result())
    return _write_list(folder, tracks)


def write_track(folder: Path, number: int) -> str:
    """Composes, plays and writes one track, and returns its title. Runs in a process of its own."""
    track = demo_tracks()[number]
    tags = {"title": track.title, "artist": ARTIST, "album": ALBUM, "genre": track.genre, "copyright": LICENSE}
    write_sound(folder / file_name(track), play(track, number).T, rate_hz=RATE_HZ, tags=tags)
    return track.title


def play(track: DemoTrack, number: int) -> Float32Array:
    """The track as sound, (2, samples) at RATE_HZ; the same every time."""
    rng = np.random.default_rng((number, SEED))
    style = style_of(track, rng)
    return record(compose(style, rng, length_s=track.length_s), style, rate_hz=RATE_HZ, channels=2)


def style_of(track: DemoTrack, rng: np.random.Generator) -> Style:
    """What the plan says, and chance for the rest. Raises TypeError where the plan names no field of a style."""
    drawn = _polished(draw_style(track.factors, rng, ensemble=track.ensemble, is_complete=True))
    return replace(
        drawn,
        tempo_bpm=track.tempo_bpm,
        tonic=track.tonic,
        mode=track.mode,
        form=track.form,
        loudness_lufs=LOUDNESS_LUFS,
        line_up=replace(drawn.line_up, **dict(track.line_up)),
        **dict(track.changes),
    )


def _polished(style: Style) -> Style:
    """Within what is pleasant: training wants the extremes of mix and harmony, a listener does not."""
    is_uneasy = style.ensemble in UNEASY
    return replace(
        style,
        dissonance=0.35 * style.dissonance if is_uneasy else 0.0,
        drone_db=min(style.drone_db, -8.0) if is_uneasy else QUIET_DB,
        attack_s=min(style.attack_s, 0.02),
        density=min(style.density, PLAIN_DENSITY),
        legato=max(style.legato, 0.8),
        edge=min(style.edge, 0.2),
        bass_db=float(np.clip(style.bass_db, -2, 1)),
        drum_gain=float(np.clip(style.drum_gain, 0.75, 1.15)),
        low_cut_hz=min(style.low_cut_hz, 40.0),
        slope_db_per_octave=float(np.clip(style.slope_db_per_octave, -5.5, -3.8)),
        wetness=float(np.clip(style.wetness, 0.4, 0.75)),
    )


def file_name(track: DemoTrack) -> str:
    """The title in small letters and hyphens."""
    letters = "".join(letter if letter.isalnum() else " " for letter in track.title.lower().replace("'", ""))
    return "-".join(letters.split()) + ".mp3"


def _write_list(folder: Path, tracks: Sequence[DemoTrack]) -> Path:
    path, part = folder / LIST_FILE, folder / f"{LIST_FILE}.part"
    with part.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, _COLUMNS.split(","))
        rows.writeheader()
        rows.writerows(_row(track) for track in tracks)
    return part.replace(path)


def _row(track: DemoTrack) -> dict[str, str]:
    return {
        "file": file_name(track),
        "title": track.title,
        "artist": ARTIST,
        "album": ALBUM,
        "genre": track.genre,
        "moods": ";".join(track.moods),
        "keywords": ";".join(track.keywords),
        "license": LICENSE,
        "attribution": f"{track.title} by {ARTIST} ({LICENSE})",
        "vocals": "false",
        "explicit": "false",
        "bpm": f"{track.tempo_bpm:g}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.demo_library", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the tracks and library.csv go; made where it is not there")
    parser.add_argument("--count", type=int, default=None, help="only the first so many tracks")
    arguments = parser.parse_args()
    total = len(demo_tracks()[: arguments.count])
    columns = (
        TextColumn("Composing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total)

        def advance(title: str) -> None:
            progress.update(task, advance=1, description=title)

        path = compose_library(arguments.folder, count=arguments.count, on_track=advance)
    Console().print(f"{total} tracks and their list: {path}")


if __name__ == "__main__":
    main()

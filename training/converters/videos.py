"""A folder of one's own videos as a source of pairs: the picture of each file beside its own soundtrack.

python -m training.convert videos FOLDER --out PAIRSET
"""

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from app.domain import Brief
from training.converters.conversion import PairSetPlan
from training.converters.converter import Converter, Source
from training.converters.parts import LeftOut
from training.converters.shares import Shares, add_share_arguments, shares_of
from training.converters.video_backbones import add_backbone_arguments, measuring_of
from training.converters.video_folder import FoundFile, files_below, same_name
from training.converters.video_job import VideoJob
from training.converters.video_list import ListedVideo, read_video_list, splits_by_track
from training.converters.video_measuring import Measuring, streams_of
from training.converters.video_sections import Lengths
from training.errors import PairSetError
from training.measured_with import MEASURED_WITH_FILE, document_of

# One window of the starter's sound.
SHORTEST_S = 4.0
LONGEST_S = 4 * 3600.0


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="videos, in folders of any depth")
    add_backbone_arguments(parser)
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="columns file, title, keywords (split by ;), track, split; without it the files' own tags are read",
    )
    parser.add_argument(
        "--cut", type=_seconds, metavar="SECONDS", help="make several pairs of a long file, each at least so long"
    )
    parser.add_argument(
        "--shortest", type=_seconds, default=SHORTEST_S, help=f"leave out shorter files, in seconds ({SHORTEST_S:g})"
    )
    parser.add_argument(
        "--longest", type=_seconds, default=LONGEST_S, help=f"leave out longer files, in seconds ({LONGEST_S:g})"
    )
    add_share_arguments(parser)


def open_source(arguments: Namespace) -> Source:
    """Raises PairSetError where folder, list or shares cannot be used, and what loading backbones raises."""
    folder = arguments.folder.resolve()
    shares = shares_of(arguments)
    _require_usable(folder, arguments.out.resolve())
    measuring = measuring_of(arguments)
    lengths = Lengths(arguments.shortest, arguments.longest, arguments.cut)
    _require_longer_than_a_window(lengths, measuring)
    measured = measuring.measured_with()
    plan = PairSetPlan(
        streams=streams_of(measured),
        query=("video", "title", "keywords") if measured.text else ("video",),
        target=("music",),
        settings={
            "source": "videos",
            "measured_with": measured.model_dump(mode="json"),
            "lengths": asdict(lengths),
            "shares": asdict(shares),
        },
        attachments={MEASURED_WITH_FILE: document_of(measured)},
    )
    return Source(jobs_of(folder, arguments.csv, shares, lengths, measuring), plan)


def jobs_of(
    folder: Path, list_path: Path | None, shares: Shares, lengths: Lengths, measuring: Measuring
) -> list[VideoJob]:
    """One a file, in the order of names, then one a row of the list that names no file. Raises PairSetError."""
    files = files_below(folder)
    if list_path is None:
        return [VideoJob(file, file.name, shares.split_of(file.name), None, lengths, measuring) for file in files]
    rows = read_video_list(list_path)
    files = [file for file in files if file.path.resolve() != list_path.resolve()]
    said = [rows.get(same_name(file.name), ListedVideo(0)) for file in files]
    tracks = [row.track or file.name for file, row in zip(files, said, strict=True)]
    splits = splits_by_track(list_path, zip(tracks, said, strict=True))
    jobs = [
        VideoJob(
            file, track, splits.get(track) or shares.split_of(track), Brief(row.title, row.keywords), lengths, measuring
        )
        for file, track, row in zip(files, tracks, said, strict=True)
    ]
    missing = _missing(folder, rows, {same_name(file.name) for file in files}, list_path)
    return jobs + [VideoJob(file, file.name, "train", None, lengths, measuring) for file in missing]


def _missing(folder: Path, rows: Mapping[str, ListedVideo], found: set[str], list_path: Path) -> list[FoundFile]:
    return [
        FoundFile(
            name, folder / name, passed_over=LeftOut(name, "file_not_found", f"named in {list_path.name}:{row.line}")
        )
        for name, row in rows.items()
        if name not in found
    ]


def _require_usable(folder: Path, out: Path) -> None:
    if not folder.is_dir():
        raise PairSetError(file=folder.name, field="folder", reason="is no folder")
    if out.is_relative_to(folder):
        raise PairSetError(file=out.name, field="folder", reason=f"would lie among the videos of {folder.name}")


def _require_longer_than_a_window(lengths: Lengths, measuring: Measuring) -> None:
    sound = measuring.sound_plan
    window_s = sound.window_samples / sound.rate_hz
    if lengths.cut_s is not None and lengths.cut_s < window_s:
        reason = f"{lengths.cut_s:g} s is shorter than a window of the sound, which lasts {window_s:g} s"
        raise PairSetError(file="arguments", field="--cut", reason=reason)


def _seconds(given: str) -> float:
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"'{given}' is no positive number of seconds")
    return seconds


VIDEOS = Converter(
    name="videos",
    help="a folder of your own videos: the picture of each file and its own soundtrack",
    add_arguments=add_arguments,
    open_source=open_source,
)

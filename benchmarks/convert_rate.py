"""How many videos a minute `training.convert videos` turns into pairs, with the backbones of the shipped checkpoint.

    python -m benchmarks.convert_rate [--videos FOLDER]

Without a folder the generated clips of the other benchmarks are taken, each with a sound and six times over. The start
of the worker processes is measured with the rest, as whoever converts waits for it.
"""

import argparse
import subprocess
import tempfile
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.domain import MediaLimits
from app.media.probe import probe
from benchmarks.clips import make_clips
from benchmarks.machine import Finding, print_findings
from training.converters.conversion import Conversion, convert
from training.converters.videos import add_arguments, open_source

COPIES = 6
PROCESSES = (1, 2)
LIMITS = MediaLimits(max_duration_s=4 * 3600.0)


def main() -> None:
    parser = argparse.ArgumentParser(description="videos turned into pairs, by the minute")
    parser.add_argument("--videos", type=Path, help="a folder of videos with sound, instead of generated ones")
    given = parser.parse_args().videos
    with tempfile.TemporaryDirectory(prefix="bgm-convert-") as name:
        videos = given or _sounding_clips(Path(name))
        findings = [finding for count in PROCESSES for finding in measured(videos, Path(name) / f"by-{count}", count)]
    print_findings("Converting a folder of videos", findings)


def measured(videos: Path, out: Path, processes: int) -> list[Finding]:
    """Of one conversion of the folder; `out` must not exist."""
    source = open_source(_arguments(videos, out))
    began = time.perf_counter()
    conversion = convert(out, source.jobs, source.plan, processes=processes, on_job=lambda _: None)
    minutes = (time.perf_counter() - began) / 60
    pairs = sum(conversion.items.values())
    watched_min = _watched_min(videos, conversion)
    return [
        Finding(f"{processes} at once: videos a minute", f"{pairs / minutes:.0f} ({pairs} pairs)", "", None),
        Finding("  minutes of video a minute", f"{watched_min / minutes:.0f}", "", None),
    ]


def _arguments(videos: Path, out: Path) -> Namespace:
    parser = ArgumentParser()
    add_arguments(parser)
    parser.add_argument("--out", type=Path)
    return parser.parse_args([str(videos), "--out", str(out), "--device", "cpu"])


def _watched_min(videos: Path, conversion: Conversion) -> float:
    """How long the videos last that became pairs."""
    left_out = {left.source for left in conversion.left_out}
    names = (path.relative_to(videos).as_posix() for path in sorted(videos.rglob("*")) if path.is_file())
    return sum(probe(videos / name, LIMITS, want="video").duration_s for name in names if name not in left_out) / 60


def _sounding_clips(folder: Path) -> Path:
    """No two have the same bytes, or all but one would be left out."""
    clips, videos = folder / "clips", folder / "videos"
    videos.mkdir()
    for clip in make_clips(clips):
        for number in range(COPIES):
            tone = f"sine=frequency={110 * (number + 1)}:sample_rate=44100"
            inputs = ["-i", str(clip), "-f", "lavfi", "-i", tone]
            target = videos / f"{clip.stem}-{number}{clip.suffix}"
            command = ["ffmpeg", "-y", "-loglevel", "error", *inputs, "-c:v", "copy", "-shortest", str(target)]
            subprocess.run(command, check=True, timeout=300, stdin=subprocess.DEVNULL)
    return videos


if __name__ == "__main__":
    main()

"""How long rendering a clip with music takes, beside bare ffmpeg commands that do the same.

    python -m benchmarks.render

30 s of 1080p H.264 with sound of its own, and a track of 3 minutes in Ogg Vorbis, from its second minute on. The bare
commands mix, take away what is too low to be heard, measure the mix with `loudnorm`, and then normalise, encode and
copy the picture; turns alternate. They do not look at what coding makes of the peaks. Where it raises them above
-1 dBTP (in 1 of 14 real mixes, and wherever loud hiss begins suddenly) ours encodes once more, and takes some 1.7 times
as long.
"""

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.domain import Float32Array, MediaLimits, Mix
from app.inference.studio import Studio, StudioSetup
from app.media.write_sound import write_sound
from benchmarks.machine import Finding, print_findings

CLIP_S, TRACK_S, START_S, FADE_S = 30, 180, 60, 1.5
RATE_HZ = 44_100
TURNS = 5
ASKED = 1.3
LIMITS = MediaLimits(max_duration_s=3600)
MIX = Mix(start_s=START_S, video_volume=0.5, music_volume=1.0, fade_s=FADE_S, duck=False)
PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Sources:
    clip: Path
    track: Path


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bgm-render-") as made:
        folder = Path(made)
        clip = _clip(folder)
        setup = StudioSetup(folder / "scratch", LIMITS, LIMITS)
        with Studio(setup) as studio:
            for name, strokes in (("even music", 1.0), ("music with sudden strokes", 4.0)):
                sources = Sources(clip, _track(folder, strokes))
                _report(name, *_times(sources, studio, folder))


def _times(sources: Sources, studio: Studio, folder: Path) -> tuple[float, float, float]:
    """Medians of ours, of the bare commands and of their second half alone, after one turn that does not count."""

    def ours() -> None:
        studio.render(sources.clip, sources.track, MIX, output=folder / "ours").result(PATIENCE_S)

    turns = [(_seconds(ours), *_bare_s(sources, folder / "bare.mp4")) for _ in range(1 + TURNS)][1:]
    ours_s, measured_s, written_s = (list(times) for times in zip(*turns, strict=True))
    both_s = [one + other for one, other in zip(measured_s, written_s, strict=True)]
    return statistics.median(ours_s), statistics.median(both_s), statistics.median(written_s)


def _bare_s(sources: Sources, output: Path) -> tuple[float, float]:
    """Seconds that measuring and writing took."""
    fade_out = f"afade=type=out:start_time={CLIP_S - FADE_S}:duration={FADE_S}"
    mixed = (
        f"[0:a]aresample=48000,volume={MIX.video_volume}[o];"
        f"[1:a]aresample=48000,atrim=end={CLIP_S},afade=duration={FADE_S},{fade_out}[m];"
        "[o][m]amix=inputs=2:normalize=0:duration=first,highpass=f=20"
    )
    inputs = ("-i", str(sources.clip), "-ss", str(START_S), "-i", str(sources.track))
    aim = "loudnorm=I=-14:TP=-1:LRA=20"
    measuring = (*inputs, "-filter_complex", f"{mixed},{aim}:print_format=json[x]", "-map", "[x]", "-f", "null", "-")
    began = time.perf_counter()
    said = _ffmpeg(*measuring)
    measured_s = time.perf_counter() - began
    found = json.loads(said[said.rindex("{") : said.rindex("}") + 1])
    known = ":".join(f"measured_{name}={found[f'input_{key}']}" for name, key in MEASURED.items())
    form = "aresample=48000,aformat=channel_layouts=stereo"
    graph = f"{mixed},{aim}:{known}:offset={found['target_offset']}:linear=true,{form}[x]"
    coded = ("-c:v", "copy", "-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart")
    began = time.perf_counter()
    _ffmpeg(*inputs, "-filter_complex", graph, "-map", "0:v", "-map", "[x]", *coded, str(output))
    return measured_s, time.perf_counter() - began


MEASURED = {"I": "i", "TP": "tp", "LRA": "lra", "thresh": "thresh"}


def _clip(folder: Path) -> Path:
    path = folder / "clip.mp4"
    picture = f"testsrc2=size=1920x1080:rate=30:duration={CLIP_S},noise=alls=12:allf=t"
    sound = f"anoisesrc=duration={CLIP_S}:color=pink:amplitude=0.2:sample_rate=48000"
    coded = ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "4M", "-c:a", "aac", "-ac", "2")
    _ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, *coded, str(path))
    return path


def _track(folder: Path, strokes: float) -> Path:
    """As people have it, in Ogg Vorbis."""
    plain, path = folder / f"strokes-{strokes}.mp3", folder / f"strokes-{strokes}.ogg"
    write_sound(plain, _chords(strokes), rate_hz=RATE_HZ, tags={})
    _ffmpeg("-i", str(plain), "-c:a", "libvorbis", "-q:a", "6", str(path))
    return path


def _chords(strokes: float) -> Float32Array:
    """Chords that change every two seconds, a drum on each half second, and on each second one so much louder."""
    times_s = np.arange(TRACK_S * RATE_HZ) / RATE_HZ
    root_hz = 110 * 2 ** ((times_s // 2 % 5) / 12)
    chord = np.sum([np.sin(2 * np.pi * root_hz * ratio * times_s) for ratio in (1, 1.25, 1.5, 2, 3)], axis=0) / 5
    since_s = times_s % 0.5
    drum = np.sin(2 * np.pi * 90 * since_s) * np.exp(-12 * since_s)
    hiss = np.random.default_rng(7).normal(0, 0.05, len(times_s)) * np.exp(-40 * since_s)
    loudness = np.where(times_s % 1 < 0.5, strokes, 1.0)
    samples = chord + loudness * (drum + hiss)
    mono = 0.9 * samples / np.abs(samples).max()
    return np.asarray(np.stack([mono, mono], axis=1), np.float32)


def _ffmpeg(*arguments: str) -> str:
    """Runs it; what it says on standard error."""
    command = ["ffmpeg", "-y", "-nostdin", "-hide_banner", "-nostats", *arguments]
    return subprocess.run(command, check=True, timeout=PATIENCE_S, capture_output=True, text=True).stderr


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _report(name: str, ours_s: float, bare_s: float, written_s: float) -> None:
    ratio = ours_s / bare_s
    findings: Sequence[Finding] = (
        Finding("rendered, measured again, checked", f"{ours_s:.2f} s", "", None),
        Finding("bare ffmpeg: measured, then normalised and encoded", f"{bare_s:.2f} s", "", None),
        Finding("  of which the second", f"{written_s:.2f} s", "", None),
        Finding("rendered : bare", f"{ratio:.2f}", f"≤ {ASKED}", ratio <= ASKED),
    )
    print_findings(f"Rendering {CLIP_S} s of 1080p with {name}", findings)


if __name__ == "__main__":
    main()

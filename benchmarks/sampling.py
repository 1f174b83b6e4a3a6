"""How long it takes to sample a video's frames, beside what ffmpeg takes, and what sampling less changes.

    python -m benchmarks.sampling [--videos FOLDER] [--quick]

A 1080p H.264 clip of 4 Mbit/s is encoded once with a keyframe every 2 s and once every 10 s, and stream-copied to
4 minutes and to 1 hour (2 GB of temporary files). `--videos`: real clips to compare embeddings on, instead of that one.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.domain import Brief, Embedding, FramePlan, MediaLimits
from app.encoders.checkpoint import load_checkpoint
from app.encoders.encoder import Encoder
from app.encoders.material import video_material
from app.encoders.sampling import gs_instants
from app.errors import MediaError
from app.media.frames import sample_frames
from app.media.probe import probe
from app.recommendation.media_folder import VIDEO_ENDINGS, find_media
from app.settings import STARTER_CHECKPOINT
from benchmarks.machine import Finding, markdown_table, print_findings

LIMITS = MediaLimits(max_duration_s=4 * 3600.0)
INSTANTS, SIZE = 100, (224, 224)
CLIP_S, SHORT_S, LONG_S = 30, 240, 3600
KEYFRAMES_EVERY_S = (2, 10)
ASKED_OF_FULL_DECODE, ASKED_OF_KEYFRAME_DECODE, ASKED_FLATNESS = 12.0, 8.0, 1.3
TURNS = 5
EVERYTHING = 10**9
# Enough that twice as many change nothing (cosine 0.9998 or more).
MOTION_OF_EVERYTHING = 96


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `full_decode` of the short file and `keyframe_decode` of the long one are ffmpeg's."""

    full_decode: float
    keyframe_decode: float
    short: float
    long: float
    short_whole: float
    long_whole: float


def main() -> None:
    parser = argparse.ArgumentParser(description="time to sample frames, and what it changes")
    parser.add_argument("--videos", type=Path, help="a folder of clips to compare embeddings on")
    parser.add_argument("--quick", action="store_true", help="only the embeddings")
    arguments = parser.parse_args()
    encoder = load_checkpoint(STARTER_CHECKPOINT, "cpu")
    with tempfile.TemporaryDirectory(prefix="bgm-sampling-") as folder:
        for every_s in () if arguments.quick else KEYFRAMES_EVERY_S:
            short, long = _films(Path(folder), every_s)
            _report(every_s, _time(short, long, encoder.spec.frame_plan()))
            long.unlink()
        videos = _clips_in(arguments.videos) if arguments.videos else [_films(Path(folder), KEYFRAMES_EVERY_S[1])[0]]
        print_changes(encoder, videos)


def _films(folder: Path, every_s: int) -> tuple[Path, Path]:
    clip = folder / f"clip-{every_s}.mp4"
    source = f"testsrc2=size=1920x1080:rate=30:duration={CLIP_S},noise=alls=12:allf=t"
    group = ("-g", str(30 * every_s), "-keyint_min", str(30 * every_s), "-sc_threshold", "0")
    rate = ("-b:v", "4M", "-maxrate", "5M", "-bufsize", "8M")
    _ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "veryfast", *group, *rate, str(clip))
    return _repeated(clip, SHORT_S), _repeated(clip, LONG_S)


def _repeated(clip: Path, seconds: int) -> Path:
    film = clip.with_name(f"{clip.stem}-{seconds}.mp4")
    _ffmpeg("-stream_loop", str(seconds // CLIP_S - 1), "-i", str(clip), "-c", "copy", str(film))
    return film


def _ffmpeg(*arguments: str) -> float:
    """Runs it and says how many seconds it took."""
    command = ["ffmpeg", "-y", "-nostdin", "-loglevel", "error", *arguments]
    return _seconds(lambda: subprocess.run(command, check=True, timeout=1800, stdin=subprocess.DEVNULL))


def _time(short: Path, long: Path, plan: FramePlan) -> Timing:
    """Medians of turns in which the files alternate; ffmpeg's, which take longest, are taken once, files in memory."""
    turns = [
        (*(_sampling_s(film) for film in (short, long)), *(_whole_s(film, plan) for film in (short, long)))
        for _ in range(1 + TURNS)
    ]
    medians = [statistics.median(times) for times in zip(*turns[1:], strict=True)]
    return Timing(
        _ffmpeg("-i", str(short), "-vf", f"fps={INSTANTS}/{SHORT_S}", "-f", "null", "-"),
        _ffmpeg("-skip_frame", "nokey", "-i", str(long), "-f", "null", "-"),
        *medians,
    )


def _sampling_s(film: Path) -> float:
    """One sampling with budget 0 and without motion."""
    times_s = gs_instants(float(film.stem.rpartition("-")[2]), INSTANTS)
    return _seconds(lambda: sample_frames(film, times_s, SIZE, frame_budget=0, limits=LIMITS))


def _whole_s(film: Path, plan: FramePlan) -> float:
    """Everything an upload's decoding is: probe, frames with the checkpoint's budget, motion."""
    return _seconds(lambda: video_material(film, plan, limits=LIMITS, info=probe(film, LIMITS, want="video")))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _report(every_s: int, timing: Timing) -> None:
    of_full, of_keyframes = timing.full_decode / timing.short, timing.keyframe_decode / timing.long
    is_faster = of_keyframes >= ASKED_OF_KEYFRAME_DECODE
    flatness, keyframes = timing.long / timing.short, SHORT_S // every_s
    a_keyframe = flatness * min(keyframes, INSTANTS) / INSTANTS
    findings = [
        Finding("full decode by ffmpeg, 4 minutes", f"{timing.full_decode:.1f} s", "", None),
        Finding("keyframe decode by ffmpeg, 1 hour", f"{timing.keyframe_decode:.1f} s", "", None),
        Finding(f"{INSTANTS} frames, 4 minutes", f"{timing.short:.2f} s", "", None),
        Finding("  faster than the full decode", f"{of_full:.1f} x", "≥ 12 x", of_full >= ASKED_OF_FULL_DECODE),
        Finding(f"{INSTANTS} frames, 1 hour", f"{timing.long:.2f} s", "", None),
        Finding("  faster than the keyframe decode", f"{of_keyframes:.1f} x", "≥ 8 x", is_faster),
        Finding("  1 hour : 4 minutes", f"{flatness:.2f}", "≤ 1.3", flatness <= ASKED_FLATNESS),
        Finding(f"  the same a keyframe, of which 4 minutes hold {keyframes}", f"{a_keyframe:.2f}", "", None),
        Finding("probe, frames with the budget, motion: 4 minutes", f"{timing.short_whole:.2f} s", "", None),
        Finding("probe, frames with the budget, motion: 1 hour", f"{timing.long_whole:.2f} s", "", None),
    ]
    print_findings(f"Sampling 1080p H.264, a keyframe every {every_s} s", findings)


def print_changes(encoder: Encoder, videos: Sequence[Path]) -> None:
    """How near the embeddings come to that of the fully decoded video with dense motion, by budget and motion."""
    plan = encoder.spec.frame_plan()
    ways = {
        "budget 0, no motion": replace(plan, frame_budget=0, motion_instants=0),
        "budget 0": replace(plan, frame_budget=0),
        f"budget {plan.frame_budget}, no motion": replace(plan, motion_instants=0),
        f"budget {plan.frame_budget}": plan,
        f"budget {plan.frame_budget}, twice the motion": replace(plan, motion_instants=2 * plan.motion_instants),
    }
    cosines = {video: _cosines(encoder, video, list(ways.values())) for video in videos}
    rows = [(video.name, *(f"{cosine:.4f}" for cosine in found)) for video, found in cosines.items()]
    columns = list(zip(*cosines.values(), strict=True))
    rows.append(("median", *(f"{statistics.median(column):.4f}" for column in columns)))
    rows.append(("least", *(f"{min(column):.4f}" for column in columns)))
    print(f"\n### Cosine to the fully decoded video with motion at {MOTION_OF_EVERYTHING} instants\n")
    print(f"The checkpoint asks for motion at {plan.motion_instants} instants.\n")
    print(markdown_table(("video", *ways), rows), flush=True)


def _cosines(encoder: Encoder, video: Path, plans: Sequence[FramePlan]) -> list[float]:
    plan = encoder.spec.frame_plan()
    everything = replace(plan, frame_budget=EVERYTHING, motion_instants=MOTION_OF_EVERYTHING)
    whole = _embedding(encoder, video, everything)
    return [float(np.dot(whole, _embedding(encoder, video, way))) for way in plans]


def _embedding(encoder: Encoder, video: Path, plan: FramePlan) -> Embedding:
    material = video_material(video, plan, limits=LIMITS, info=probe(video, LIMITS, want="video"))
    return np.asarray(encoder.embed_videos(encoder.video_features([material]), [Brief()])[0], np.float32)


def _clips_in(folder: Path) -> list[Path]:
    found = find_media(folder, endings=VIDEO_ENDINGS, outside=Path("bgm-data"))
    return [file.path for file in found if file.passed_over is None and _has_picture(file.path)]


def _has_picture(path: Path) -> bool:
    try:
        return probe(path, LIMITS).video is not None
    except MediaError:
        return False


if __name__ == "__main__":
    main()

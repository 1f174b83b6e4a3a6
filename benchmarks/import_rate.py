"""How fast `bgm import` takes music in, beside a plain loop of librosa over the same files and the same windows.

    python -m benchmarks.import_rate [--music FOLDER] [--at-most FILES]

The plain loop is what one would write first: load a file, cut the windows that the starter checkpoint looks at, and
call librosa for each descriptor that its backbone has (level, mel spectrum, its centre, flatness and roll-off, chroma,
onsets, tempo). A second loop is told beside it that computes the spectrum of a window once for all of them. The import
does more than either: it measures loudness over the whole file, copies, encodes and stores it. All have the same cores
and files that have just been read. The import is told with its start (processes, libraries, a new library folder), and
without: then the time of importing the first file alone is taken off, as the loops' own start does not count either.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import librosa
import numpy as np

from app.domain import Float32Array, SoundPlan
from app.encoders.sampling import window_starts
from app.encoders.spec import read_spec
from app.recommendation.media_folder import MUSIC_ENDINGS, find_media
from app.settings import STARTER_CHECKPOINT
from benchmarks.machine import Finding, print_findings
from benchmarks.server import bgm_command, command_environment

ASKED_RATIO = 4.0
IMPORT_RUNS = 3
LIMIT_S = 900
MEL_BANDS, FFT_SAMPLES, HOP_SAMPLES = 40, 2048, 512

# Computes the descriptors of one window at a sample rate.
Describe = Callable[[Float32Array, float], list[object]]


def main() -> None:
    arguments = _arguments()
    # It has a word for every window of silence.
    warnings.filterwarnings("ignore", module="librosa")
    with tempfile.TemporaryDirectory(prefix="bgm-import-rate-") as temporary:
        folder = arguments.music or _demo_music(Path(temporary) / "music")
        files = _music_in(folder)[: arguments.at_most]
        chosen, first = _linked(files, Path(temporary) / "chosen"), _linked(files[:1], Path(temporary) / "first")
        plan = read_spec(STARTER_CHECKPOINT).sound_plan()
        plain_s, music_s = _time_loop(files, plan, describe_plainly)
        sharing_s, _ = _time_loop(files, plan, describe_with_one_spectrum)
        import_s = _median_import_s(chosen, Path(temporary))
        start_s = _median_import_s(first, Path(temporary))
    _report(len(files), music_s, plain_s=plain_s, sharing_s=sharing_s, import_s=import_s, start_s=start_s)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="bgm import beside a plain librosa loop")
    parser.add_argument("--music", type=Path, help="a folder of music; the demo library is composed without it")
    parser.add_argument("--at-most", type=int, default=64, help="how many of its files to take (64)")
    return parser.parse_args()


def _demo_music(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "training.demo_library", str(folder)], check=True, timeout=LIMIT_S)
    return folder


def _music_in(folder: Path) -> list[Path]:
    found = find_media(folder, endings=MUSIC_ENDINGS, outside=Path("bgm-data"))
    files = [file.path for file in found if file.passed_over is None]
    if len(files) < 2:
        raise SystemExit(f"fewer than two files of music in {folder}")
    return files


def _linked(files: list[Path], folder: Path) -> Path:
    folder.mkdir()
    for number, file in enumerate(files):
        (folder / f"{number:05d}{file.suffix}").symlink_to(file.resolve())
    return folder


def _time_loop(files: list[Path], plan: SoundPlan, describe: Describe) -> tuple[float, float]:
    """Seconds that the loop took and seconds of music in the files; librosa's first calls compile, and do not count."""
    describe_file(files[0], plan, describe)
    began = time.perf_counter()
    music_s = sum(describe_file(file, plan, describe) for file in files)
    return time.perf_counter() - began, music_s


def describe_file(path: Path, plan: SoundPlan, describe: Describe) -> float:
    """Computes every descriptor of every window and throws it away; the file's length in seconds."""
    sound, rate_hz = librosa.load(path, sr=plan.rate_hz, mono=True)
    duration_s = len(sound) / rate_hz
    for start_s in window_starts(duration_s, plan.windows, plan.window_samples / rate_hz):
        start = int(start_s * rate_hz)
        window = sound[start : start + plan.window_samples]
        describe(np.pad(window, (0, plan.window_samples - len(window))), rate_hz)
    return duration_s


def describe_plainly(window: Float32Array, rate_hz: float) -> list[object]:
    given: dict[str, Any] = {"y": window, "sr": rate_hz}
    return [
        librosa.feature.rms(y=window),
        librosa.feature.melspectrogram(**given, n_mels=MEL_BANDS),
        librosa.feature.spectral_centroid(**given),
        librosa.feature.spectral_flatness(y=window),
        librosa.feature.spectral_rolloff(**given),
        librosa.feature.chroma_stft(**given),
        librosa.onset.onset_strength(**given),
        librosa.onset.onset_detect(**given),
        librosa.feature.tempo(**given),
    ]


def describe_with_one_spectrum(window: Float32Array, rate_hz: float) -> list[object]:
    magnitude = np.abs(librosa.stft(window, n_fft=FFT_SAMPLES, hop_length=HOP_SAMPLES, center=False))
    power = magnitude**2
    levels = librosa.power_to_db(librosa.feature.melspectrogram(S=power, sr=rate_hz, n_mels=MEL_BANDS))
    onsets = librosa.onset.onset_strength(S=levels, sr=rate_hz)
    return [
        librosa.feature.rms(y=window, frame_length=FFT_SAMPLES, hop_length=HOP_SAMPLES, center=False),
        librosa.feature.spectral_centroid(S=magnitude, sr=rate_hz),
        librosa.feature.spectral_flatness(S=magnitude),
        librosa.feature.spectral_rolloff(S=magnitude, sr=rate_hz),
        librosa.feature.chroma_stft(S=power, sr=rate_hz),
        librosa.onset.onset_detect(onset_envelope=onsets, sr=rate_hz),
        librosa.feature.tempo(onset_envelope=onsets, sr=rate_hz),
    ]


def _median_import_s(folder: Path, temporary: Path) -> float:
    """Of several imports into new libraries."""
    return statistics.median(_time_import(folder, temporary / f"{folder.name}-{run}") for run in range(IMPORT_RUNS))


def _time_import(folder: Path, data_dir: Path) -> float:
    began = time.perf_counter()
    command = bgm_command("import", str(folder))
    done = subprocess.run(command, env=command_environment(data_dir), timeout=LIMIT_S, stdout=subprocess.DEVNULL)
    # 1: some files were refused, which is an answer about them like any other.
    if done.returncode not in {0, 1}:
        raise SystemExit(f"bgm import ended with {done.returncode}")
    return time.perf_counter() - began


def _report(count: int, music_s: float, *, plain_s: float, sharing_s: float, import_s: float, start_s: float) -> None:
    def rate(spent_s: float) -> str:
        return f"{music_s / 3600 / (spent_s / 60):.2f}"

    # The first file's share of the work is taken off with the start, so the others are what is left.
    left_s = (import_s - start_s) * count / (count - 1)
    with_start, ratio = plain_s / import_s, plain_s / left_s
    findings = [
        Finding("plain librosa loop, hours of music a minute", rate(plain_s), "", None),
        Finding("loop with one spectrum a window, hours of music a minute", rate(sharing_s), "", None),
        Finding("`bgm import`, start included, hours of music a minute", rate(import_s), "", None),
        Finding("  : plain loop", f"{with_start:.1f}", f"≥ {ASKED_RATIO:g}", with_start >= ASKED_RATIO),
        Finding("  : loop with one spectrum", f"{sharing_s / import_s:.1f}", "", None),
        Finding("`bgm import`, without its start", rate(left_s), "", None),
        Finding("  : plain loop", f"{ratio:.1f}", f"≥ {ASKED_RATIO:g}", ratio >= ASKED_RATIO),
        Finding("  : loop with one spectrum", f"{sharing_s / left_s:.1f}", "", None),
    ]
    print_findings(f"Import: {count} files, {music_s / 60:.0f} min of music, median of {IMPORT_RUNS} imports", findings)


if __name__ == "__main__":
    main()

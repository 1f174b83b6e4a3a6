"""What is in a media file, measured by PyAV's own FFmpeg, which is another one than the program under test runs."""

import math
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE_HZ = 48_000


@dataclass(frozen=True, slots=True)
class Heard:
    """Sound as a player gives it out: 48 kHz, shape (channels, samples), from `start_s` on."""

    start_s: float
    samples: Samples

    @property
    def duration_s(self) -> float:
        return float(self.samples.shape[1] / RATE_HZ)

    def between(self, start_s: float, end_s: float) -> Samples:
        """The first channel between two times of the file."""
        first, last = (round((time_s - self.start_s) * RATE_HZ) for time_s in (start_s, end_s))
        return self.samples[0, max(first, 0) : last]


def heard(path: Path) -> Heard:
    with av.open(path) as container:
        resampler = av.AudioResampler("fltp", "stereo", RATE_HZ)
        first_s, parts = None, list[Samples]()
        for frame in container.decode(container.streams.audio[0]):
            assert frame.pts is not None
            assert frame.time_base is not None
            first_s = float(frame.pts * frame.time_base) if first_s is None else first_s
            parts.extend(np.asarray(one.to_ndarray(), np.float32) for one in resampler.resample(frame))
        assert first_s is not None
        return Heard(first_s, np.concatenate(parts, axis=1))


def loudness(path: Path) -> tuple[float, float]:
    """EBU R128 integrated loudness in LUFS, and true peak in dBTP."""
    with av.open(path) as container:
        stream, graph = container.streams.audio[0], Graph()
        entry, exit_ = graph.add_abuffer(template=stream), graph.add("abuffersink")
        graph.link_nodes(entry, graph.add("ebur128", "metadata=1:framelog=quiet:peak=true"), exit_)
        graph.configure()
        found: dict[str, str] = {}
        for frame in [*container.decode(stream), None]:
            entry.push(frame)
            while True:
                try:
                    found |= exit_.pull().metadata
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
    peaks = [float(value) for name, value in found.items() if name.startswith("lavfi.r128.true_peaks_ch")]
    return float(found["lavfi.r128.I"]), 20 * math.log10(max(*peaks, 1e-9))


def picture_packets(path: Path) -> list[tuple[float, bytes]]:
    """Time shown and content of each packet of the picture, as they are stored."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        return [(float((packet.pts or 0) * (stream.time_base or 0)), bytes(packet)) for packet in packets]


def pictures(path: Path) -> list[tuple[float, NDArray[np.uint8]]]:
    """Time and pixels of each picture that a player shows, shape (height, width, 3)."""
    with av.open(path) as container:
        frames = container.decode(container.streams.video[0])
        return [(frame.time or 0.0, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)) for frame in frames]


def main_frequency_hz(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * RATE_HZ / len(samples)


def level_at(samples: Samples, frequency_hz: float) -> float:
    """How loud a tone of this frequency is in them, in dB."""
    times_s = np.arange(len(samples)) / RATE_HZ
    wave = np.exp(-2j * np.pi * frequency_hz * times_s) * np.hanning(len(samples))
    return 20 * math.log10(abs(np.mean(wave * samples)) + 1e-9)

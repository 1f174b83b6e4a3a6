"""Writes sound to an MP3 file, which every browser plays, by PyAV. Knows nothing of where the sound comes from."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.codec.context import Flags

from app.domain import Float32Array

BIT_RATE = 192_000
# LAME's search effort, 0 to 9: at this bit rate 7 takes a third less time than the default, and sounds the same.
_ENCODER = {"compression_level": "7"}


def write_sound(path: Path, samples: Float32Array, *, rate_hz: int, tags: Mapping[str, str]) -> None:
    """Writes float32 samples in -1 to 1, shape (N, channels), whole or not at all.

    `rate_hz` is one of MP3's: 44,100, 48,000 or 32,000; one or two channels. `tags` as FFmpeg names them (title,
    artist, album, genre). The same sound gives the same bytes.
    """
    layout = {1: "mono", 2: "stereo"}[samples.shape[1]]
    part = path.with_name(f"{path.name}.part")
    try:
        with av.open(str(part), "w", format="mp3", options={"fflags": "+bitexact"}) as container:
            container.metadata.update(tags)
            stream = container.add_stream("libmp3lame", rate=rate_hz, layout=layout, format="fltp", options=_ENCODER)
            stream.bit_rate = BIT_RATE
            stream.codec_context.flags |= Flags.bitexact
            for frame in _frames(samples, layout, rate_hz):
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _frames(samples: Float32Array, layout: str, rate_hz: int) -> Iterator[av.AudioFrame]:
    for start in range(0, len(samples), rate_hz):
        planes = np.ascontiguousarray(samples[start : start + rate_hz].T, dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
        yield frame

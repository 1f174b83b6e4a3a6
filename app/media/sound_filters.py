"""FFmpeg filter graphs for decoded sound: down to mono at one rate, and BS.1770 loudness. Does not read files."""

from collections.abc import Iterator
from fractions import Fraction

import av
import av.error
import numpy as np
from av.filter import Graph
from av.filter.context import FilterContext

from app.domain import Float32Array

# A few long arrays are handled faster than one for every decoded frame; this is 3 s at 22,050 Hz.
CHUNK_SAMPLES = 65_536
# A filter graph is asked for its output only so often: each asking for what is not there yet costs as much as decoding
# a frame does (files of 53 minutes of Vorbis, 2026-11: an eighth of the time).
FRAMES_A_PULL = 32
# What the meter says where its gate lets nothing through (EBU R128: the absolute gate is at -70 LUFS).
GATED_LUFS = -70.0
# Beyond any sound; such a value is damage, as NaN is.
LARGEST_SAMPLE = 100.0


class MonoPipe:
    """Frames of one form in, float32 mono at another rate out.

    Several channels are mixed as FFmpeg does, scaled so that it cannot clip: left and right half each; of 5.1 the
    centre most, the bass channel not at all. `only_first` takes the first channel instead.
    """

    def __init__(self, form: av.AudioFrame, *, rate_hz: int, only_first: bool = False) -> None:
        graph = Graph()
        # Without rematrix_maxval the mix of two equal channels would be 3 dB louder than either.
        to_mono = graph.add("aresample", f"{rate_hz}:ochl=mono:osf=flt:rematrix_maxval=1.0")
        gather = graph.add("asetnsamples", f"n={CHUNK_SAMPLES}:p=0")
        first = [graph.add("pan", "mono|c0=c0")] if only_first else []
        self._line = _Line(graph, form, [*first, to_mono, gather])

    def push(self, frame: av.AudioFrame | None) -> list[Float32Array]:
        """What has become ready, shape (samples,) each; None ends the sound and gives what was held back."""
        return [np.asarray(ready.to_ndarray()[0], dtype=np.float32) for ready in self._line.push(frame)]


class LoudnessMeter:
    """EBU R128 integrated loudness of all frames pushed, with their own channels and rate, by FFmpeg's ebur128."""

    def __init__(self, form: av.AudioFrame) -> None:
        graph = Graph()
        self._line = _Line(graph, form, [graph.add("ebur128", "metadata=1:framelog=quiet")])
        self._loudness_lufs = GATED_LUFS

    def push(self, frame: av.AudioFrame | None) -> None:
        # Every 0.1 s carries the loudness up to there; what is left at the end carries none.
        for measured in list(self._line.push(frame))[-2:]:
            self._loudness_lufs = float(measured.metadata.get("lavfi.r128.I", self._loudness_lufs))

    def loudness_lufs(self) -> float | None:
        """None where the gate let nothing through: silence, or less than 0.4 s of sound."""
        return self._loudness_lufs if self._loudness_lufs > GATED_LUFS else None


class SteadyForm:
    """Brings every frame to the form of the first, since a filter graph is built for one; some files change midway.

    `repair` also puts silence where a sample is no number, or far beyond any sound.
    """

    def __init__(self, form: av.AudioFrame, *, repair: bool) -> None:
        self._form = _form_of(form)
        self._time_base = Fraction(1, form.sample_rate)
        self._repair = repair
        self._converters: dict[tuple[str, str, int], av.AudioResampler] = {}
        self._samples = 0

    def steadied(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        """The frame in the first one's form, stamped so that the sound has no gap where time stamps jump."""
        given = _form_of(frame)
        frames = [frame]
        if given != self._form:
            sample_format, layout, rate_hz = self._form
            if given not in self._converters:
                self._converters[given] = av.AudioResampler(sample_format, layout, rate_hz)
            frames = self._converters[given].resample(frame)
        return [self._stamped(_repaired(one) if self._repair else one) for one in frames]

    def _stamped(self, frame: av.AudioFrame) -> av.AudioFrame:
        frame.pts, frame.time_base = self._samples, self._time_base
        self._samples += frame.samples
        return frame


def _form_of(frame: av.AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _repaired(frame: av.AudioFrame) -> av.AudioFrame:
    samples = frame.to_ndarray()
    if samples.dtype.kind != "f":
        return frame
    whole = np.where(np.abs(samples) <= LARGEST_SAMPLE, samples, np.zeros((), samples.dtype))
    repaired = av.AudioFrame.from_ndarray(whole, format=frame.format.name, layout=frame.layout.name)
    repaired.sample_rate = frame.sample_rate
    return repaired


class _Line:
    """Filters in a row, with a way in for frames of one form and a way out."""

    def __init__(self, graph: Graph, form: av.AudioFrame, filters: list[FilterContext]) -> None:
        # PyAV's filters do not keep their graph alive, and crash the process without it.
        self._graph = graph
        sample_format, layout, rate_hz = _form_of(form)
        self._source = graph.add_abuffer(
            sample_rate=rate_hz, format=sample_format, layout=layout, time_base=Fraction(1, rate_hz)
        )
        self._sink = graph.add("abuffersink")
        graph.link_nodes(self._source, *filters, self._sink)
        graph.configure()
        self._pushed = 0

    def push(self, frame: av.AudioFrame | None) -> Iterator[av.AudioFrame]:
        """What has become ready, if it is time to ask; None ends the line and gives all that is left."""
        self._source.push(frame)
        self._pushed += 1
        if frame is not None and self._pushed % FRAMES_A_PULL:
            return
        while True:
            try:
                ready = self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(ready, av.AudioFrame)
            yield ready

"""Decodes a file's sound to mono, in one pass and in bounded memory; measures loudness and outline. Knows no music.

Sample 0 is the first one a player would play; what an encoder put before it is left out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import av
import av.error
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from app.domain import Float32Array, MediaLimits, Sound
from app.errors import NoAudioStream, SilentAudio, UnreadableMedia
from app.media.container import chosen_sound, open_media, packets, read_only
from app.media.duration import claimed_duration_s, has_own_claim
from app.media.peaks import Peaks
from app.media.sound_filters import LARGEST_SAMPLE, LoudnessMeter, MonoPipe, SteadyForm

# Takes a chunk of mono sound and the number of its first sample. Chunks come in order; 0 starts anew.
Hearer = Callable[[int, Float32Array], None]

# -90 dBFS, about the last bit of 16: what stays below it throughout is silence.
SILENT_PEAK = 10 ** (-90 / 20)
# With less than this share of its claimed duration decoded, a file is taken for damaged as a whole.
LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class SampledSound:
    """Windows of a file's sound, (S, window_samples), and of the whole file: loudness, and the outline `peaks`.

    `loudness_lufs` is EBU R128 integrated, of the file's own channels; None where its gate lets nothing through.
    """

    windows: Float32Array
    loudness_lufs: float | None
    peaks: Float32Array


@dataclass(frozen=True, slots=True)
class _Way:
    """How to decode: the plain way first, another where the file shows a need."""

    rate_hz: int
    measure_loudness: bool
    repair: bool = False
    only_first: bool = False


@dataclass(slots=True)
class _Heard:
    """What one pass through the file found."""

    samples: int = 0
    peak: float = 0.0
    is_whole: bool = True
    loudness_lufs: float | None = None


def read_sound(path: Path, rate_hz: int, *, limits: MediaLimits) -> Sound:
    """The whole file's sound, at four bytes a sample: an hour at 22,050 Hz takes 320 MB.

    Raises NoAudioStream, UnreadableMedia, and SilentAudio where all of it stays below -90 dBFS.
    """
    chunks = list[Float32Array]()

    def keep(first: int, chunk: Float32Array) -> None:
        if first == 0:
            chunks.clear()
        chunks.append(chunk)

    _hear_all(path, _Way(rate_hz, measure_loudness=False), keep, limits=limits)
    return Sound(np.concatenate(chunks), rate_hz)


def sample_windows(
    path: Path,
    starts_s: Sequence[float] | NDArray[np.floating],
    *,
    rate_hz: int,
    window_samples: int,
    limits: MediaLimits,
) -> SampledSound:
    """Windows of `window_samples` from the given starts, and what one pass tells of the whole file.

    Starts are exact to the sample; beyond the end of the sound there are zeros. Raises as `read_sound` does.
    """
    starts = np.round(np.asarray(starts_s, dtype=np.float64) * rate_hz).astype(np.int64)
    windows = np.zeros((len(starts), window_samples), np.float32)
    peaks = Peaks()

    def cut(first: int, chunk: Float32Array) -> None:
        nonlocal peaks
        peaks = Peaks() if first == 0 else peaks
        peaks.hear(chunk)
        is_touched = (starts < first + len(chunk)) & (starts + window_samples > first)
        for place in np.flatnonzero(is_touched):
            begin = max(first, int(starts[place]))
            end = min(first + len(chunk), int(starts[place]) + window_samples)
            windows[place, begin - starts[place] : end - starts[place]] = chunk[begin - first : end - first]

    heard = _hear_all(path, _Way(rate_hz, measure_loudness=True), cut, limits=limits)
    return SampledSound(windows, heard.loudness_lufs, peaks.found())


def _hear_all(path: Path, way: _Way, hear: Hearer, *, limits: MediaLimits) -> _Heard:
    heard = _hear(path, way, hear, limits=limits)
    if not heard.is_whole:
        way = replace(way, repair=True)
        heard = _hear(path, way, hear, limits=limits)
    if heard.peak < SILENT_PEAK:
        # Two channels can be each other's opposite, and cancel in the mix.
        heard = _hear(path, replace(way, only_first=True), hear, limits=limits)
    if heard.peak < SILENT_PEAK:
        raise SilentAudio
    return heard


def _hear(path: Path, way: _Way, hear: Hearer, *, limits: MediaLimits) -> _Heard:
    heard = _Heard()
    with open_media(path, limits=limits) as container:
        stream = chosen_sound(container)
        if stream is None or stream.codec_context is None:
            raise NoAudioStream
        claimed_s = claimed_duration_s(container, stream) if has_own_claim(container, stream) else None
        for chunk in _chunks(container, stream, way, heard):
            peak = float(np.max(np.abs(chunk)))
            if not peak <= LARGEST_SAMPLE and not way.repair:
                heard.is_whole = False
                return heard
            hear(heard.samples, chunk)
            heard.samples += len(chunk)
            heard.peak = max(heard.peak, peak)
    heard_s = heard.samples / way.rate_hz
    if heard.samples == 0:
        raise UnreadableMedia(reason="none of its sound can be decoded")
    if claimed_s is not None and heard_s < LEAST_SHARE * claimed_s:
        raise UnreadableMedia(reason=f"only {heard_s:.1f} of {claimed_s:.1f} s of its sound can be decoded")
    return heard


def _chunks(container: InputContainer, stream: av.AudioStream, way: _Way, heard: _Heard) -> Iterator[Float32Array]:
    """Mono sound from beginning to end; puts the loudness into `heard` at last."""
    frames = _frames(container, stream)
    form = next(frames, None)
    if form is None:
        return
    steady = SteadyForm(form, repair=way.repair)
    mono = _mono_pipe(form, way)
    meter = LoudnessMeter(form) if way.measure_loudness else None
    for frame in chain([form], frames):
        for steadied in steady.steadied(frame):
            if meter is not None:
                meter.push(steadied)
            yield from mono.push(steadied)
    if meter is not None:
        meter.push(None)
        heard.loudness_lufs = meter.loudness_lufs()
    yield from mono.push(None)


def _mono_pipe(form: av.AudioFrame, way: _Way) -> MonoPipe:
    try:
        return MonoPipe(form, rate_hz=way.rate_hz, only_first=way.only_first)
    except av.error.FFmpegError as error:
        raise UnreadableMedia(reason=f"its {form.layout.nb_channels} channels cannot be mixed") from error


def _frames(container: InputContainer, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
    read_only(container, stream)
    context = stream.codec_context
    context.thread_count, context.thread_type = 1, "NONE"
    for packet in chain(packets(container, stream), [None]):
        try:
            yield from context.decode(packet)
        except av.error.FFmpegError:
            # One damaged packet costs its own samples only.
            continue

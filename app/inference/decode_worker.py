"""The decode process: from a file to what an encoder eats, laid down in a file. Loads neither torch nor librosa."""

from collections.abc import Callable, Sequence
from time import perf_counter

from app.encoders.material import sound_material, video_material
from app.errors import UnreadableMedia
from app.inference.jobs import DecodedTrack, DecodedVideo, DecoderSetup, DecodeTrack, DecodeVideo
from app.inference.memory_limit import limit_memory
from app.inference.stored_array import store_array
from app.media.look import look_of
from app.media.probe import probe
from app.media.tags import read_tags

# Of address space, libraries included; 8K H.264 with 10 bits and 16 reference frames takes 3.2 GB.
MOST_MEMORY_BYTES = 4 << 30


def prepare(
    setup: DecoderSetup,
) -> Callable[[Sequence[DecodeVideo | DecodeTrack]], list[DecodedVideo | DecodedTrack]]:
    limit_memory(MOST_MEMORY_BYTES)
    return lambda jobs: [decode(job, setup) for job in jobs]


def decode(job: DecodeVideo | DecodeTrack, setup: DecoderSetup) -> DecodedVideo | DecodedTrack:
    """Raises MediaError, and DiskFull where the output finds no room."""
    try:
        return decode_video(job, setup) if isinstance(job, DecodeVideo) else decode_track(job, setup)
    except MemoryError as error:
        raise UnreadableMedia(reason="to decode it takes more memory than there is for one file") from error


def decode_video(job: DecodeVideo, setup: DecoderSetup) -> DecodedVideo:
    began = perf_counter()
    info = probe(job.source, setup.video_limits, want="video")
    material = video_material(job.source, setup.frame_plan, limits=setup.video_limits, info=info)
    return DecodedVideo(
        info=info,
        duration_s=material.duration_s,
        rgb=store_array(material.frames.rgb, job.output),
        times_s=material.frames.times_s,
        motion=material.motion,
        look=look_of(material),
        decode_ms=(perf_counter() - began) * 1000,
    )


def decode_track(job: DecodeTrack, setup: DecoderSetup) -> DecodedTrack:
    info = probe(job.source, setup.track_limits, want="sound")
    material = sound_material(job.source, setup.sound_plan, limits=setup.track_limits, info=info)
    assert material.peaks is not None  # as it is of every file; only made-up sound has none
    return DecodedTrack(
        info=info,
        tags=read_tags(job.source),
        duration_s=material.duration_s,
        windows=store_array(material.windows, job.output),
        starts_s=material.starts_s,
        rate_hz=material.rate_hz,
        loudness_lufs=material.loudness_lufs,
        peaks=material.peaks,
    )

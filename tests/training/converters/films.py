"""Tiny films with a sound of one's own, and with tags; `tests.media_files` has pictures and sounds apart."""

from pathlib import Path

import av

from tests.media_files import Film, Samples, write_sound, write_video


def write_film(
    path: Path, film: Film, sound: Samples, *, sound_codec: str = "aac", tags: dict[str, str] | None = None
) -> Path:
    """The film's pictures beside the sound at 44.1 kHz. Returns `path`."""
    picture = write_video(path.with_name(f".picture-{path.name}"), film)
    heard = write_sound(path.with_name(f".sound-{path.name}"), codec=sound_codec, samples=sound)
    with av.open(picture) as seen, av.open(heard) as sounding, av.open(path, "w") as target:
        target.metadata.update(tags or {})
        streams = (seen.streams.video[0], sounding.streams.audio[0])
        copies = [target.add_stream_from_template(stream) for stream in streams]
        for source, stream, copy in zip((seen, sounding), streams, copies, strict=True):
            for packet in source.demux(stream):
                if packet.dts is not None:
                    packet.stream = copy
                    target.mux(packet)
    picture.unlink()
    heard.unlink()
    return path

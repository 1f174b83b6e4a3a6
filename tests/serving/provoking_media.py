"""Files that a server refuses, one for each code, sent as a music or a video."""

from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from tests.media_files import Film, tone, truncate, write_sound, write_video
from tests.serving.many_servers import ManyServers

LARGEST_PIXELS = 8192 * 4352


def _video(path: Path, servers: ManyServers) -> httpx.Response:
    return servers.plain.client.post("/recommend", files={"video": (path.name, path.read_bytes())})


def _song(path: Path, servers: ManyServers) -> httpx.Response:
    return servers.plain.client.post("/music", files={"file": (path.name, path.read_bytes())})


def _unsupported_media(servers: ManyServers) -> httpx.Response:
    path = write_video(servers.media.folder / "ffv1.mkv", Film(seconds=0.5, codec="ffv1"))
    answer = _video(path, servers)
    assert "h264" in answer.json()["accepted"]
    return answer


def _unreadable_media(servers: ManyServers) -> httpx.Response:
    return _video(truncate(write_video(servers.media.folder / "cut.mp4"), 0.5), servers)


def _no_video_stream(servers: ManyServers) -> httpx.Response:
    return _video(servers.media.song, servers)


def _no_audio_stream(servers: ManyServers) -> httpx.Response:
    return _song(write_video(servers.media.folder / "mute.mp4"), servers)


def _media_too_short(servers: ManyServers) -> httpx.Response:
    return _song(write_sound(servers.media.folder / "click.wav", seconds=0.05, codec="pcm_s16le"), servers)


def _silent_audio(servers: ManyServers) -> httpx.Response:
    return _song(write_sound(servers.media.folder / "nothing.flac", samples=tone(2, amplitude=0)), servers)


def _picture_too_large(servers: ManyServers) -> httpx.Response:
    """One frame, a few pixels too wide: the limit is on all of them."""
    film = Film(seconds=0.1, size=(8200, 4352))
    answer = _video(write_video(servers.media.folder / "large.mp4", film), servers)
    assert answer.json()["limit_pixels"] == LARGEST_PIXELS
    return answer


MEDIA: Mapping[str, Callable[[ManyServers], httpx.Response]] = {
    "unsupported_media": _unsupported_media,
    "unreadable_media": _unreadable_media,
    "no_video_stream": _no_video_stream,
    "no_audio_stream": _no_audio_stream,
    "media_too_short": _media_too_short,
    "silent_audio": _silent_audio,
    "picture_too_large": _picture_too_large,
}

"""Makes of a track or a video what every browser plays, unless it is that already. Knows nothing of who keeps it."""

from pathlib import Path

from app.domain import MediaLimits, VideoStream
from app.media.ffmpeg import Node, run, source, target
from app.media.mix import SMALLEST_GAP_S
from app.media.source_streams import SourceStreams, source_streams

# Sound that every browser plays in a file of its own, by container and codec, and that is small: WAV and FLAC hold
# hundreds of megabytes an hour. Not every Safari plays Ogg.
PLAYED_SOUND = {("mp3", "mp3"): "audio/mpeg"}
PLAYED_AAC = frozenset({"LC", "HE-AAC", "HE-AACv2"})
# Pictures of eight bits whose colours have half the size; what is finer only few play.
PLAYED_PIXELS = frozenset({"yuv420p", "yuvj420p"})
# By container: codecs of picture and of sound.
PLAYED_FILMS = {
    "mp4": (frozenset({"h264"}), frozenset({"aac", "mp3", None})),
    "webm": (frozenset({"vp8", "vp9"}), frozenset({"vorbis", "opus", None})),
}
USUAL_RATES_HZ = (44_100, 48_000)
# The coder's quick search takes a third of the time; at this bit rate the difference is for the finished video only.
AAC = {"c:a": "aac", "b:a": "160k", "aac_coder": "fast"}
H264 = {"c:v": "libx264", "preset": "veryfast", "crf": 23, "pix_fmt": "yuv420p"}
AT_ONCE = {"movflags": "+faststart", "write_tmcd": 0}
WIDEST = 1280
MOST_FRAMES_PER_SECOND = 60

LEAST_LIMIT_S = 60.0
# How much longer than it lasts a file may take; 4K in HEVC takes as long as it lasts on two cores.
SOUND_LIMIT_PER_S, PICTURE_LIMIT_PER_S = 0.5, 6.0


def preview_sound(path: Path, output: Path, *, limits: MediaLimits) -> str | None:
    """The media type of the file where every browser plays it as it is and it is small; else None, and `output` is AAC
    in MP4.

    Raises MediaError, DiskFull and NotReady.
    """
    track = source_streams(path, limits, want="sound")
    codec, is_aac = track.info.sound.codec if track.info.sound else "", _is_played_aac(track)
    played = PLAYED_SOUND.get((track.info.container, codec))
    if played is not None or (is_aac and track.info.container == "mp4" and not track.holds_film):
        return played or "audio/mp4"
    sound = source(path, track.demuxer, limits=limits)[str(track.sound)]
    coded = target([sound], output, "mp4", **_copied_sound()) if is_aac else _coded_track(track, sound, output)
    _run(coded, track, SOUND_LIMIT_PER_S)
    return None


def preview_video(path: Path, output: Path, *, limits: MediaLimits) -> str | None:
    """As `preview_sound`; `output` is H.264 and AAC in MP4, at most WIDEST wide unless only its container is new."""
    video = source_streams(path, limits, want="video")
    pictures, sounds = PLAYED_FILMS.get(video.info.container, (frozenset(), frozenset()))
    sound_codec = video.info.sound.codec if video.info.sound else None
    has_played_pixels = video.pixel_format in PLAYED_PIXELS
    assert video.info.video is not None
    if video.info.video.codec in pictures and sound_codec in sounds and has_played_pixels:
        return f"video/{video.info.container}"
    film = source(path, video.demuxer, limits=limits)
    is_copied = video.info.video.codec == "h264" and has_played_pixels and video.demuxer != "avi"
    picture = film[str(video.picture)] if is_copied else _small(film[str(video.picture)], video.info.video)
    options = AT_ONCE | ({"c:v": "copy"} if is_copied else H264) | _sound_options(video)
    heard = [] if video.sound is None else [_sound_of(video, film)]
    _run(target([picture, *heard], output, "mp4", **options), video, PICTURE_LIMIT_PER_S)
    return None


def _is_played_aac(media: SourceStreams) -> bool:
    return media.info.sound is not None and media.info.sound.codec == "aac" and media.sound_profile in PLAYED_AAC


def _copied_sound() -> dict[str, object]:
    return AT_ONCE | {"c:a": "copy"}


def _coded_track(track: SourceStreams, sound: Node, output: Path) -> Node:
    # Sample after sample whatever the time stamps say, as the sections of a track are counted.
    in_row = sound.filter("asetpts", "N/SR/TB")
    return target([in_row], output, "mp4", **AT_ONCE, **AAC, **_form_of_sound(track))


def _sound_options(video: SourceStreams) -> dict[str, object]:
    if video.sound is None:
        return {}
    return {"c:a": "copy"} if _is_played_aac(video) else {**AAC, **_form_of_sound(video)}


def _sound_of(video: SourceStreams, film: Node) -> Node:
    sound = film[str(video.sound)]
    if _is_played_aac(video):
        return sound
    return sound.filter("aresample", **{"async": 1, "min_hard_comp": SMALLEST_GAP_S, "first_pts": 0})


def _form_of_sound(media: SourceStreams) -> dict[str, object]:
    assert media.info.sound is not None
    rate_hz = media.info.sound.rate_hz if media.info.sound.rate_hz in USUAL_RATES_HZ else USUAL_RATES_HZ[-1]
    return {"ar": rate_hz, "ac": min(media.info.sound.channels, 2)}


def _small(picture: Node, shown: VideoStream) -> Node:
    """Upright, in square pixels, of even width and height, as the encoder wants them."""
    factor = min(1.0, WIDEST / shown.width)
    width, height = (max(2, 2 * round(side * factor / 2)) for side in (shown.width, shown.height))
    steady = picture.filter("fps", fps=f"min(source_fps,{MOST_FRAMES_PER_SECOND})")
    return steady.filter("scale", width, height).filter("setsar", 1)


def _run(output: Node, media: SourceStreams, limit_per_s: float) -> None:
    run(output, limit_s=LEAST_LIMIT_S + limit_per_s * media.info.duration_s, is_unwanted=lambda: False)

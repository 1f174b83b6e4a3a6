"""In which container a video goes out again, picture as it is, and how new sound is coded there. Runs nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.media.source_streams import SourceStreams

AAC = {"c:a": "aac", "b:a": "192k"}
OPUS = {"c:a": "libopus", "b:a": "160k"}
# The index goes before the data, so that playing can begin with the first bytes; no stream of time codes is made up.
AT_ONCE = {"movflags": "+faststart", "write_tmcd": 0}


@dataclass(frozen=True, slots=True)
class VideoForm:
    """`codecs`: of pictures that may live in it, None for all. `options`: ffmpeg's, of its muxer and for the sound."""

    suffix: str
    media_type: str
    muxer: str
    codecs: frozenset[str] | None
    options: Mapping[str, object] = field(hash=False)


MP4_CODECS = frozenset({"h264", "hevc", "av1", "vp9", "mpeg4", "mpeg1video", "mpeg2video", "mjpeg"})
MP4 = VideoForm(".mp4", "video/mp4", "mp4", MP4_CODECS, AAC | AT_ONCE)
MOV_CODECS = frozenset({"h264", "hevc", "mpeg4", "mpeg1video", "mpeg2video", "mjpeg", "prores"})
MOV = VideoForm(".mov", "video/quicktime", "mov", MOV_CODECS, AAC | AT_ONCE)
WEBM = VideoForm(".webm", "video/webm", "webm", frozenset({"vp8", "vp9", "av1"}), OPUS)
# AAC would begin 21 ms early there, and put off the picture by as much.
MKV = VideoForm(".mkv", "video/x-matroska", "matroska", None, OPUS)
BY_CONTAINER = {"mp4": MP4, "mov": MOV, "webm": WEBM, "mkv": MKV}


def form_of(video: SourceStreams) -> VideoForm:
    """The video's own container where that takes its picture, else the one that most programs know."""
    preferred = [BY_CONTAINER[video.info.container]] if video.info.container in BY_CONTAINER else []
    codec = video.info.video.codec if video.info.video is not None else ""
    forms = [*preferred, MP4, MOV, MKV]
    return next(form for form in forms if form.codecs is None or codec in form.codecs)


def picture_options(video: SourceStreams, form: VideoForm) -> dict[str, object]:
    """What a picture needs to be copied as it is from one container into another."""
    codec = video.info.video.codec if video.info.video is not None else ""
    options: dict[str, object] = {"c:v": "copy"}
    if codec == "hevc" and form in (MP4, MOV) and video.demuxer != "mov":
        # Under the name that Apple's players know.
        options["tag:v"] = "hvc1"
    if codec == "mpeg4" and video.demuxer == "avi":
        # AVI packs two pictures into one packet where others come between them, and nothing else does.
        options["bsf:v"] = "mpeg4_unpack_bframes"
    return options

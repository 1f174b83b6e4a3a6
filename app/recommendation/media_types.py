"""How a stored file is named to a browser that is to play it."""

# By FFmpeg's name of the container. What may hold pictures but holds none is sound all the same.
SOUND_TYPES = {
    "aac": "audio/aac",
    "ac3": "audio/ac3",
    "aiff": "audio/aiff",
    "amr": "audio/amr",
    "asf": "audio/x-ms-wma",
    "eac3": "audio/eac3",
    "flac": "audio/flac",
    "matroska": "audio/x-matroska",
    "mov": "audio/mp4",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
}
PICTURE_TYPES = {
    "asf": "video/x-ms-asf",
    "avi": "video/x-msvideo",
    "matroska": "video/x-matroska",
    "mov": "video/mp4",
    "mpeg": "video/mpeg",
    "mpegts": "video/mp2t",
    "ogg": "video/ogg",
}
# Browsers take these two in Matroska under its web name only.
WEB_CODECS = {"opus", "vorbis"}


def media_type(container: str, *, codec: str, has_picture: bool) -> str:
    """`container` and `codec` of the sound as probing found them; "application/octet-stream" for what has no name."""
    if container == "matroska" and codec in WEB_CODECS:
        return "video/webm" if has_picture else "audio/webm"
    types = PICTURE_TYPES if has_picture else SOUND_TYPES
    return types.get(container, "application/octet-stream")

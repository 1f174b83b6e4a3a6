"""How a stored file is named to a browser that is to play its sound."""

# By the container's name as probing gives it.
MEDIA_TYPES = {
    "aac": "audio/aac",
    "ac3": "audio/ac3",
    "aiff": "audio/aiff",
    "amr": "audio/amr",
    "avi": "video/x-msvideo",
    "eac3": "audio/eac3",
    "flac": "audio/flac",
    "mkv": "audio/x-matroska",
    "mov": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp4": "audio/mp4",
    "mpeg-ps": "video/mpeg",
    "mpeg-ts": "video/mp2t",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "wave64": "audio/x-w64",
    "webm": "audio/webm",
    "wma/asf": "audio/x-ms-wma",
}
# Browsers take these two in Matroska under its web name only.
WEB_CODECS = {"opus", "vorbis"}


def media_type(container: str, *, codec: str) -> str:
    """`codec`: that of the sound. "application/octet-stream" for a container that has no name here."""
    if container == "mkv" and codec in WEB_CODECS:
        return MEDIA_TYPES["webm"]
    return MEDIA_TYPES.get(container, "application/octet-stream")

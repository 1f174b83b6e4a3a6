"""The one error tree. Errors carry facts as fields and build their message from them; they know no HTTP.

BgmError                      everything this application raises on purpose
├── WorkerDefect              a worker process met an error nobody foresaw
├── TrackExists               the same bytes are in the catalogue; the caller answers with the track that is there
├── MediaError                the file is at fault
│   ├── UnsupportedMedia      container or codec not on the list
│   ├── UnreadableMedia       damaged, encrypted, truncated, or not what its name says
│   ├── NoVideoStream
│   ├── NoAudioStream
│   ├── MediaTooShort
│   ├── MediaTooLong
│   ├── PictureTooLarge
│   ├── SilentAudio
│   └── MediaTookTooLong      decoding outlasted its time limit
├── RequestError              the caller is at fault
│   ├── MalformedRequest
│   ├── InvalidParameter
│   ├── UploadTooLarge
│   ├── TrackNotFound
│   └── RangeNotSatisfiable
├── CapacityError             the machine is at fault, for now
│   ├── Overloaded
│   ├── EncoderUnavailable    a worker died with this job in its hands
│   ├── NotReady
│   └── DiskFull
└── SetupError                whoever runs this must act; the message says how
    ├── CheckpointError
    ├── CheckpointMismatch    the library is embedded for another checkpoint
    ├── CatalogueError
    ├── IndexDamaged          a snapshot that cannot be trusted; the caller rebuilds
    ├── FeaturesDamaged       stored features that cannot be trusted; the caller measures the audio again
    ├── AddressNotAllowed     the server is to listen where others could reach it, and has no keys
    ├── InitialKeyUnusable    the file that should hold the first key
    └── DeviceUnavailable     CUDA asked for, none there
"""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

# To whoever has something to store, a quota and a limit on file sizes are a full disk.
FULL_DISK = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})


class BgmError(Exception):
    """Base of all; `code` is the stable name the API and the command line report."""

    code = "internal_error"

    def facts(self) -> dict[str, object]:
        """The error's fields, fit for JSON."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders; every fact has the name of the keyword that brought it.
        return _rebuild, (type(self), self.facts())


def _rebuild(kind: type[BgmError], facts: dict[str, object]) -> BgmError:
    return kind(**facts)


class WorkerDefect(BgmError):
    """A worker met an error nobody foresaw; `trace` is for the log, never for the caller."""

    def __init__(self, *, worker: str, trace: str) -> None:
        super().__init__(f"the {worker} process met an unexpected error")
        self.worker, self.trace = worker, trace


class TrackExists(BgmError):
    def __init__(self, *, track_id: str) -> None:
        super().__init__(f"the same file is in the catalogue already, as track '{track_id}'")
        self.track_id = track_id


class MediaError(BgmError):
    code = "unreadable_media"


class UnsupportedMedia(MediaError):
    code = "unsupported_media"

    def __init__(self, *, kind: str, found: str, accepted: Sequence[str]) -> None:
        super().__init__(f"{kind} '{found}' is not accepted; accepted: {', '.join(accepted)}")
        self.kind, self.found, self.accepted = kind, found, list(accepted)


class UnreadableMedia(MediaError):
    code = "unreadable_media"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the file cannot be read: {reason}")
        self.reason = reason


class NoVideoStream(MediaError):
    code = "no_video_stream"

    def __init__(self) -> None:
        super().__init__("the file has no video stream")


class NoAudioStream(MediaError):
    code = "no_audio_stream"

    def __init__(self) -> None:
        super().__init__("the file has no audio stream")


class MediaTooShort(MediaError):
    code = "media_too_short"

    def __init__(self, *, duration_s: float, minimum_s: float) -> None:
        super().__init__(f"the file lasts {duration_s:.2f} s; at least {minimum_s:g} s are needed")
        self.duration_s, self.minimum_s = duration_s, minimum_s


class MediaTooLong(MediaError):
    code = "media_too_long"

    def __init__(self, *, duration_s: float, limit_s: float) -> None:
        super().__init__(f"the file lasts {duration_s:.0f} s; the limit is {limit_s:.0f} s")
        self.duration_s, self.limit_s = duration_s, limit_s


class PictureTooLarge(MediaError):
    code = "picture_too_large"

    def __init__(self, *, width: int, height: int, limit_pixels: int) -> None:
        super().__init__(f"the picture has {width}x{height} pixels; the limit is {limit_pixels} in all")
        self.width, self.height, self.limit_pixels = width, height, limit_pixels


class SilentAudio(MediaError):
    code = "silent_audio"

    def __init__(self) -> None:
        super().__init__("the audio is silent from beginning to end")


class MediaTookTooLong(MediaError):
    code = "media_took_too_long"

    def __init__(self, *, limit_s: float) -> None:
        super().__init__(f"decoding took longer than {limit_s:.0f} s")
        self.limit_s = limit_s


class RequestError(BgmError):
    code = "malformed_request"


class MalformedRequest(RequestError):
    code = "malformed_request"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the request cannot be read: {reason}")
        self.reason = reason


class InvalidParameter(RequestError):
    code = "invalid_parameter"

    def __init__(self, *, parameter: str, reason: str) -> None:
        super().__init__(f"{parameter}: {reason}")
        self.parameter, self.reason = parameter, reason


class UploadTooLarge(RequestError):
    code = "upload_too_large"

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(f"the upload is larger than the limit of {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class TrackNotFound(RequestError):
    code = "track_not_found"

    def __init__(self, *, track_id: str) -> None:
        super().__init__(f"there is no track '{track_id}'")
        self.track_id = track_id


class RangeNotSatisfiable(RequestError):
    code = "range_not_satisfiable"

    def __init__(self, *, size_bytes: int) -> None:
        super().__init__(f"the range lies outside the file's {size_bytes} bytes")
        self.size_bytes = size_bytes


class CapacityError(BgmError):
    code = "not_ready"
    retry_after_s = 5


class Overloaded(CapacityError):
    code = "overloaded"

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"{limit} requests are being worked on already; try again in {self.retry_after_s} s")
        self.limit = limit


class EncoderUnavailable(CapacityError):
    code = "encoder_unavailable"

    def __init__(self, *, worker: str) -> None:
        super().__init__(f"the {worker} process ended while it worked on this; it is being replaced")
        self.worker = worker


class NotReady(CapacityError):
    code = "not_ready"

    def __init__(self, *, missing: Sequence[str]) -> None:
        super().__init__(f"not ready: {', '.join(missing)}")
        self.missing = list(missing)


class DiskFull(CapacityError):
    code = "disk_full"

    def __init__(self) -> None:
        super().__init__("the disk that holds the library is full")


@contextmanager
def full_disk_named() -> Iterator[None]:
    """Raises DiskFull in place of the operating system's error where the block finds no room to write."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
        raise DiskFull from error


class SetupError(BgmError):
    code = "internal_error"


class CheckpointError(SetupError):
    def __init__(self, *, checkpoint: str, field: str, reason: str) -> None:
        super().__init__(f"checkpoint {checkpoint}: {field}: {reason}")
        self.checkpoint, self.field, self.reason = checkpoint, field, reason


class CheckpointMismatch(SetupError):
    def __init__(self, *, active: str, offered: str) -> None:
        super().__init__(
            f"the library is embedded for checkpoint {active}, not for {offered}; "
            "run `bgm reembed --checkpoint DIR` with the new checkpoint's folder, or start with the old one"
        )
        self.active, self.offered = active, offered


class CatalogueError(SetupError):
    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the catalogue cannot be used: {reason}")
        self.reason = reason


class IndexDamaged(SetupError):
    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the index snapshot cannot be used: {reason}")
        self.reason = reason


class FeaturesDamaged(SetupError):
    def __init__(self, *, sha256: str, space: str, reason: str) -> None:
        super().__init__(f"the stored '{space}' features of file {sha256} cannot be used: {reason}")
        self.sha256, self.space, self.reason = sha256, space, reason


class AddressNotAllowed(SetupError):
    def __init__(self, *, host: str) -> None:
        super().__init__(
            f"BGM_HOST is '{host}', where others than this machine may reach the server, and it has no key to ask for; "
            "make one with `bgm keys create NAME --scope admin`, name a file with one in BGM_INITIAL_KEY_FILE, "
            "listen on 127.0.0.1, or set BGM_ALLOW_WITHOUT_KEY=true where something else keeps strangers away"
        )
        self.host = host


class InitialKeyUnusable(SetupError):
    def __init__(self, *, reason: str) -> None:
        super().__init__(f"BGM_INITIAL_KEY_FILE: {reason}")
        self.reason = reason


class DeviceUnavailable(SetupError):
    def __init__(self, *, device: str) -> None:
        super().__init__(f"device '{device}' was asked for, but torch cannot use it on this machine")
        self.device = device

"""An encoder that needs no media: what it answers, or raises, is written in the file it is given."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Condition, Event
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from app import errors
from app.character import Look, Sounding
from app.domain import (
    Brief,
    Embedding,
    EncodedTrack,
    EncodedVideo,
    Float32Array,
    MediaInfo,
    SoundStream,
    Tags,
    VideoStream,
)
from app.errors import BgmError
from app.inference.admissions import Admissions
from app.inference.jobs import EmbeddedSections

ResultT = TypeVar("ResultT")
DIM = 8
# A file that begins so makes the encoder raise the error whose name follows, up to the end of the line.
RAISES = b"raise "
FACTS: dict[str, dict[str, object]] = {
    "UnsupportedMedia": {"kind": "container", "found": "gif", "accepted": ["mp4"]},
    "UnreadableMedia": {"reason": "its data is damaged"},
    "MediaTooShort": {"duration_s": 0.0, "minimum_s": 0.1},
    "MediaTooLong": {"duration_s": 9.0, "limit_s": 5.0},
    "PictureTooLarge": {"width": 9, "height": 9, "limit_pixels": 4},
    "MediaTookTooLong": {"limit_s": 3.0},
    "EncoderUnavailable": {"worker": "device"},
    "WorkerDefect": {"worker": "device", "trace": "Traceback: secret/path.py"},
}
SOUNDING = Sounding(brightness_octaves=0.5, major_less_minor=0.2, onsets_per_s=4.0)
TAGS = Tags(title="Tagged", artist="Tagger", album="Tags", genre="tagged")


def embedding_of(content: bytes, *, dim: int = DIM) -> Embedding:
    """A unit vector that only this content has."""
    seed = int.from_bytes(hashlib.sha256(content).digest()[:8], "big")
    vector = np.random.default_rng(seed).standard_normal(dim).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


class FakePool:
    """Encodes as soon as `may_work` is set, which it is; `seen` has the path of every file it was given."""

    def __init__(self, *, most_requests: int = 8) -> None:
        self.may_work = Event()
        self.may_work.set()
        self.seen: list[Path] = []
        self.briefs: list[Brief] = []
        self.lacks: list[str] = []
        self._begun = Condition()
        self._count = 0
        self._admissions = Admissions(most_requests)
        self._threads = ThreadPoolExecutor(2 * most_requests)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.may_work.set()
        self._threads.shutdown()

    def all_begun(self, count: int) -> bool:
        """Waits until so many files are being encoded; False where they never are."""
        with self._begun:
            return self._begun.wait_for(lambda: self._count >= count, timeout=10)

    def missing(self) -> list[str]:
        return self.lacks

    def wait_until_ready(self) -> None:
        """It is."""

    def admit(self, caller: str | None = None) -> AbstractContextManager[None]:
        return self._admissions.taken(caller)

    def encode_video(
        self, path: Path, brief: Brief, *, discard_source: bool = False, tell: Callable[[str], None] | None = None
    ) -> Future[EncodedVideo]:
        self.briefs.append(brief)

        def encoded(content: bytes) -> EncodedVideo:
            if discard_source:
                path.unlink()
            info = MediaInfo("mov", len(content), 12.4, VideoStream("h264", 1080, 1920, 0, 30.0), None)
            spent = {"wait": 0.1, "decode": 240.26, "features": 88.0, "encode": 4.0}
            features, look = np.ones((4, 3), np.float32), Look(pace=0.2, light=0.5, warmth=0.0, change=0.1)
            if tell is not None:
                tell("decode")
                tell("encode")
            return EncodedVideo(embedding_of(content), features, look, info, 32, bool(brief.texts()), spent)

        return self._begin(path, encoded)

    def encode_track(self, path: Path) -> Future[EncodedTrack]:
        def encoded(content: bytes) -> EncodedTrack:
            info = MediaInfo("ogg", len(content), 184.25, None, SoundStream("vorbis", 44_100, 2))
            tags = Tags() if content.startswith(b"untagged") else TAGS
            features = np.ones((4, 3), np.float32)
            peaks = np.linspace(0, 1, 2000, dtype=np.float32)
            return EncodedTrack(embedding_of(content), features, peaks, info, tags, -14.1, 96.0)

        return self._begin(path, encoded)

    def embed_features(self, features: Sequence[Float32Array]) -> Future[list[Embedding]]:
        answer: Future[list[Embedding]] = Future()
        answer.set_result([embedding_of(stored.tobytes()) for stored in features])
        return answer

    def embed_sections(
        self, features: Sequence[Float32Array], tracks: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> Future[EmbeddedSections]:
        """Embeds a section by the bytes of its rows."""
        sections = [features[track][picked] for track, picked in zip(tracks, rows, strict=True)]
        answer: Future[EmbeddedSections] = Future()
        embeddings = np.stack([embedding_of(section.tobytes()) for section in sections])
        answer.set_result(EmbeddedSections(embeddings, (SOUNDING,) * len(features)))
        return answer

    def _begin(self, path: Path, answer: Callable[[bytes], ResultT]) -> Future[ResultT]:
        self.seen.append(path)
        return self._threads.submit(self._answer, path, answer)

    def _answer(self, path: Path, answer: Callable[[bytes], ResultT]) -> ResultT:
        with self._begun:
            self._count += 1
            self._begun.notify_all()
        self.may_work.wait()
        content = path.read_bytes()
        if content.startswith(RAISES):
            raise _named_error(content)
        return answer(content)


def _named_error(content: bytes) -> Exception:
    name = content.removeprefix(RAISES).partition(b"\n")[0].decode()
    if name == "ZeroDivisionError":
        return ZeroDivisionError("secret/path.py")
    kind: type[BgmError] = getattr(errors, name)
    return kind(**FACTS.get(name, {}))

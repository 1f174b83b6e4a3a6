"""Encodes videos and tracks in processes of its own. Runs in the server and in the command line; loads no media library
and no torch, and knows no HTTP, no catalogue and no index."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from time import perf_counter
from typing import Literal, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.domain import Brief, Embedding, EncodedTrack, EncodedVideo, Float32Array, MediaLimits
from app.encoders.spec import EncoderSpec, read_spec
from app.errors import EncoderUnavailable, MediaTookTooLong, Overloaded
from app.inference.admissions import Admissions
from app.inference.crew import Crew
from app.inference.jobs import (
    DecodedVideo,
    DecoderSetup,
    DecodeTrack,
    DecodeVideo,
    DeviceSetup,
    EmbeddedSections,
    EmbedFeatures,
    EmbedSections,
    EncodeTrack,
    EncodeVideo,
    VideoEncoding,
)
from app.inference.member import WorkerStatus
from app.inference.scratch import Scratch
from app.inference.stored_array import store_array
from app.inference.worker_process import WorkerKind

ResultT = TypeVar("ResultT")
# Stored features embedded at once: some megabytes, and long enough to keep the device busy.
FEATURES_AT_ONCE = 64
# A cautious bound for large machines; measured on 2 cores only.
MOST_DEVICE_THREADS = 8


@dataclass(frozen=True, slots=True)
class PoolSetup:
    """`temporary`: a folder on a disk with room for what is being decoded; other pools may use it too.

    `cache_dir`: where weights of backbones are kept. `max_waiting`: requests in flight; None for 4 a decoder and 16.
    Time limits count from the moment a process has the job, the device's for each job of a batch. `device_threads`:
    torch's, on the CPU; None for one a core.
    """

    checkpoint: Path
    temporary: Path
    video_limits: MediaLimits
    track_limits: MediaLimits
    device: Literal["auto", "cpu", "cuda"] = "auto"
    cache_dir: Path | None = None
    decoders: int = 2
    max_waiting: int | None = None
    max_batch: int = 16
    decode_limit_s: float = 120.0
    device_limit_s: float = 60.0
    device_threads: int | None = None


class InferencePool:
    """A context manager: processes start on entering, without being waited for, and have ended after leaving.

    Jobs are worked off in the order they come. All methods may be called from any thread.
    """

    def __init__(self, setup: PoolSetup) -> None:
        """Raises CheckpointError."""
        spec = read_spec(setup.checkpoint)
        self.max_waiting = setup.max_waiting or 4 * setup.decoders + 16
        self._admissions = Admissions(self.max_waiting)
        # Twice as many jobs as requests, since the job of a request that gave up is finished all the same.
        self._jobs = BoundedSemaphore(2 * self.max_waiting)
        self._threads = ThreadPoolExecutor(2 * self.max_waiting, thread_name_prefix="encode")
        self._scratch = Scratch(setup.temporary)
        self._device = Crew(_device_kind(setup), count=1)
        self._decoders = Crew(_decoder_kind(setup, spec), count=setup.decoders)
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._scratch)
            # Left after the crews, whose leaving fails all that the threads wait for.
            stack.enter_context(self._threads)
            stack.enter_context(self._device)
            stack.enter_context(self._decoders)
            self._exits = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._exits.close()

    def wait_until_ready(self) -> None:
        """Raises CheckpointError, DeviceUnavailable or whatever else keeps a process from starting."""
        self._device.wait_until_ready()
        self._decoders.wait_until_ready()

    def status(self) -> list[WorkerStatus]:
        return [*self._decoders.status(), *self._device.status()]

    def missing(self) -> list[str]:
        """The kinds of worker of which none can work at this moment; empty where the pool is ready."""
        crews = {"decoder": self._decoders, "device": self._device}
        return [name for name, crew in crews.items() if not any(worker.is_ready for worker in crew.status())]

    def admit(self, caller: str | None = None) -> AbstractContextManager[None]:
        """Counts a request as in flight. Raises Overloaded at once where there are enough, before its body is read, and
        RateLimited where half of them are this caller's."""
        return self._admissions.taken(caller)

    def encode_video(
        self, path: Path, brief: Brief, *, discard_source: bool = False, tell: Callable[[str], None] | None = None
    ) -> Future[EncodedVideo]:
        """`discard_source`: delete the file as soon as it is decoded, or found undecodable. `tell` hears "decode" when
        a decode process is asked and "encode" when the device is, from a thread of the pool.

        The future raises MediaError, EncoderUnavailable, DiskFull or WorkerDefect; the call itself Overloaded, and
        EncoderUnavailable once the pool is closed.
        """
        return self._begin(lambda: self._encode_video(path, brief, discard_source=discard_source, tell=tell or _silent))

    def encode_track(self, path: Path) -> Future[EncodedTrack]:
        """Raises as `encode_video` does."""
        return self._begin(lambda: self._encode_track(path))

    def embed_features(self, features: Sequence[Float32Array]) -> Future[list[Embedding]]:
        """Embeddings of tracks whose raw features, (S, E) each, are stored. Raises as `encode_video` does."""
        return self._begin(lambda: self._embed_features(features))

    def embed_sections(
        self, features: Sequence[Float32Array], tracks: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> Future[EmbeddedSections]:
        """Sections of tracks whose raw features, (S, E) each, are stored: `tracks` (M,) says whose a section is, as a
        place in `features`, and `rows` (M, S) which of its rows stand for it. Raises as `encode_video` does."""
        return self._begin(lambda: self._embed_sections(features, tracks, rows))

    def _begin(self, flow: Callable[[], ResultT]) -> Future[ResultT]:
        if not self._jobs.acquire(blocking=False):
            raise Overloaded(limit=2 * self.max_waiting)
        try:
            future = self._threads.submit(flow)
        except RuntimeError:
            # Closed, by a change of checkpoints that did not wait for this caller any longer.
            self._jobs.release()
            raise EncoderUnavailable(worker="device") from None
        future.add_done_callback(lambda _: self._jobs.release())
        return future

    def _encode_video(
        self, path: Path, brief: Brief, *, discard_source: bool, tell: Callable[[str], None]
    ) -> EncodedVideo:
        began = perf_counter()
        with self._scratch.file() as output:
            tell("decode")
            try:
                decoded = self._decoders.submit(DecodeVideo(path, output)).result()
            finally:
                if discard_source:
                    path.unlink(missing_ok=True)
            tell("encode")
            encoding = self._device.submit(EncodeVideo(decoded, brief)).result()
        return EncodedVideo(
            embedding=encoding.embedding,
            features=encoding.features,
            look=decoded.look,
            info=decoded.info,
            frame_count=len(decoded.times_s),
            text_used=encoding.text_used,
            timing_ms=_timing_ms(decoded, encoding, whole_ms=(perf_counter() - began) * 1000),
        )

    def _encode_track(self, path: Path) -> EncodedTrack:
        with self._scratch.file() as output:
            decoded = self._decoders.submit(DecodeTrack(path, output)).result()
            encoding = self._device.submit(EncodeTrack(decoded)).result()
        return EncodedTrack(
            embedding=encoding.embedding,
            features=encoding.features,
            peaks=decoded.peaks,
            info=decoded.info,
            tags=decoded.tags,
            loudness_lufs=decoded.loudness_lufs,
            bpm=encoding.bpm,
        )

    def _embed_features(self, features: Sequence[Float32Array]) -> list[Embedding]:
        embeddings: list[Embedding] = []
        for first in range(0, len(features), FEATURES_AT_ONCE):
            with self._scratch.file() as path:
                stored = store_array(np.stack(features[first : first + FEATURES_AT_ONCE]), path)
                embeddings.extend(self._device.submit(EmbedFeatures(stored)).result())
        return embeddings

    def _embed_sections(
        self, features: Sequence[Float32Array], tracks: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> EmbeddedSections:
        with self._scratch.file() as path:
            stored = store_array(np.stack(features), path)
            return self._device.submit(EmbedSections(stored, tracks, rows)).result()


def _silent(_stage: str) -> None:
    """Tells nobody."""


def _timing_ms(decoded: DecodedVideo, encoding: VideoEncoding, *, whole_ms: float) -> dict[str, float]:
    """Milliseconds by stage; `wait` is what is left of the whole: in queues and between processes."""
    stages = {"decode": decoded.decode_ms, "features": encoding.features_ms, "encode": encoding.encode_ms}
    return {"wait": max(0.0, whole_ms - sum(stages.values())), **stages}


def _decoder_kind(setup: PoolSetup, spec: EncoderSpec) -> WorkerKind:
    return WorkerKind(
        name="decoder",
        module="app.inference.decode_worker",
        setup=DecoderSetup(spec.frame_plan(), spec.sound_plan(), setup.video_limits, setup.track_limits),
        time_limit_s=setup.decode_limit_s,
        too_late=lambda: MediaTookTooLong(limit_s=setup.decode_limit_s),
    )


def _device_kind(setup: PoolSetup) -> WorkerKind:
    threads = setup.device_threads or min(os.cpu_count() or 1, MOST_DEVICE_THREADS)
    return WorkerKind(
        name="device",
        module="app.inference.device_worker",
        setup=DeviceSetup(setup.checkpoint, setup.device, setup.cache_dir, threads),
        time_limit_s=setup.device_limit_s,
        too_late=lambda: EncoderUnavailable(worker="device"),
        max_batch=setup.max_batch,
    )

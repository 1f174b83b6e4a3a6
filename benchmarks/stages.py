"""The stages of a recommendation, each run alone in this process, for comparison with the whole in the server."""

import hashlib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import torch

from app.domain import Brief, EncodedVideo, MediaLimits
from app.encoders.checkpoint import load_checkpoint
from app.encoders.encoder import Encoder
from app.encoders.material import video_material
from app.encoders.spec import read_spec
from app.media.look import look_of
from app.media.probe import probe
from app.recommendation.library import Library
from app.recommendation.recommend import search

LIMITS = MediaLimits(max_duration_s=4 * 3600.0)
PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Seconds. `search` has the catalogue's look-up in it."""

    receive: float
    decode: float
    encode: float
    search: float

    def total(self) -> float:
        return self.receive + self.decode + self.encode + self.search


class Stages:
    """The encoder of a checkpoint, with one thread as in the device process, and a library to search in."""

    def __init__(self, checkpoint: Path, *, library: Library, scratch: Path) -> None:
        torch.set_num_threads(1)
        self._encoder: Encoder = load_checkpoint(checkpoint, "cpu")
        self._plan = read_spec(checkpoint).frame_plan()
        self._library = library
        self._scratch = scratch

    def run(self, video: Path, brief: Brief, *, limit: int) -> StageTimes:
        receive_s = _seconds(lambda: receive(video, self._scratch / "received"))
        began = time.perf_counter()
        info = probe(video, LIMITS, want="video")
        material = video_material(video, self._plan, limits=LIMITS, info=info)
        look = look_of(material)
        decoded = time.perf_counter()
        features = self._encoder.video_features([material])
        embedding = self._encoder.embed_videos(features, [brief])[0]
        encoded = time.perf_counter()
        frame_count = len(material.frames.times_s)
        found = EncodedVideo(embedding, features[0], look, info, frame_count, text_used=True, timing_ms={})
        search_s = _seconds(lambda: search(found, limit=limit, library=self._library))
        return StageTimes(receive_s, decoded - began, encoded - decoded, search_s)


def receive(video: Path, target: Path) -> None:
    """Sends a file through a socket of the loopback address; at the other end it is hashed and written."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sender = Thread(target=_send, args=(video, listening.getsockname()[1]))
        sender.start()
        connection, _ = listening.accept()
        digest = hashlib.sha256()
        with connection, target.open("wb") as file:
            while piece := connection.recv(PIECE_BYTES):
                digest.update(piece)
                file.write(piece)
        sender.join()


def _send(video: Path, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection, video.open("rb") as file:
        connection.sendfile(file)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

"""The pool with its real processes, on tiny media and a tiny checkpoint."""

import fcntl
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TypeVar

import numpy as np
import pytest
import torch

from app.domain import Brief, MediaLimits
from app.encoders.checkpoint import load_checkpoint
from app.encoders.encoder import Encoder
from app.encoders.material import sound_material, video_material
from app.errors import (
    CheckpointError,
    DeviceUnavailable,
    DiskFull,
    EncoderUnavailable,
    MediaTookTooLong,
    MediaTooLong,
    NoVideoStream,
    Overloaded,
    UnreadableMedia,
    UnsupportedMedia,
)
from app.inference.decode_worker import MOST_MEMORY_BYTES
from app.inference.pool import InferencePool, PoolSetup
from app.media.look import look_of
from app.media.probe import probe
from tests.encoders.checkpoints import cosines, small_checkpoint
from tests.media_files import Film, write_sound, write_text, write_video

ROOT = Path(__file__).parent.parent.parent
PATIENCE_S = 60.0
LIMITS = MediaLimits(max_duration_s=20.0)
BRIEF = Brief(title="racing through the city", keywords=("fast", "neon"))
ResultT = TypeVar("ResultT")


def answer(future: Future[ResultT]) -> ResultT:
    return future.result(timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pool")


@pytest.fixture(scope="module")
def setup(folder: Path) -> PoolSetup:
    return PoolSetup(
        checkpoint=small_checkpoint(folder / "checkpoint"),
        temporary=folder / "scratch",
        video_limits=LIMITS,
        track_limits=LIMITS,
        device="cpu",
        decoders=1,
        max_waiting=2,
    )


@pytest.fixture(scope="module")
def running(setup: PoolSetup) -> Iterator[InferencePool]:
    with InferencePool(setup) as pool:
        pool.wait_until_ready()
        yield pool


@pytest.fixture
def pool(running: InferencePool, setup: PoolSetup) -> Iterator[InferencePool]:
    """The one pool of this module, found ready; afterwards it has left no file behind."""
    running.wait_until_ready()
    yield running
    assert files_in(setup.temporary) == []


@pytest.fixture(scope="module")
def encoder(setup: PoolSetup) -> Encoder:
    return load_checkpoint(setup.checkpoint, "cpu")


@pytest.fixture(scope="module")
def video(folder: Path) -> Path:
    return write_video(folder / "video.mp4", Film(seconds=3.0))


@pytest.fixture(scope="module")
def track(folder: Path) -> Path:
    return write_sound(folder / "track.flac", seconds=4.0, tags={"title": "Tone", "artist": "Nobody"})


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


def pid_of(pool: InferencePool, name: str) -> int:
    [pid] = [worker.pid for worker in pool.status() if worker.name == name]
    assert pid is not None
    return pid


def wait_until_a_message_is_not_read() -> None:
    """Until something lies in a socket of this process whose other end, a stopped worker, does not read."""
    while not any(unread_bytes(entry) for entry in list(Path("/proc/self/fd").iterdir())):
        Event().wait(0.005)


def unread_bytes(entry: Path) -> int:
    try:
        if not str(entry.readlink()).startswith("socket:"):
            return 0
        (count,) = struct.unpack("i", fcntl.ioctl(int(entry.name), termios.TIOCOUTQ, bytes(4)))
    except OSError:
        return 0  # closed meanwhile, or of a kind without a queue
    return int(count)


def test_a_video_gets_the_embedding_that_the_encoder_gives_it(
    pool: InferencePool, encoder: Encoder, video: Path
) -> None:
    encoded = answer(pool.encode_video(video, BRIEF))
    info = probe(video, LIMITS, want="video")
    material = video_material(video, encoder.spec.frame_plan(), limits=LIMITS, info=info)
    [expected] = encoder.embed_videos(encoder.video_features([material]), [BRIEF])
    assert cosines(encoded.embedding, expected) > 0.99999
    assert encoded.info == info
    assert encoded.frame_count == 6
    np.testing.assert_allclose(encoded.features, encoder.video_features([material])[0], rtol=1e-4, atol=1e-4)
    assert encoded.look == look_of(material)
    assert encoded.text_used
    assert list(encoded.timing_ms) == ["wait", "decode", "features", "encode"]
    assert all(milliseconds >= 0 for milliseconds in encoded.timing_ms.values())


def test_a_video_without_words_is_encoded_without_text(pool: InferencePool, video: Path) -> None:
    with_words, without = answer(pool.encode_video(video, BRIEF)), answer(pool.encode_video(video, Brief()))
    assert not without.text_used
    assert not answer(pool.encode_video(video, Brief("!!! …"))).text_used
    assert cosines(with_words.embedding, without.embedding) < 0.999


def test_a_track_gets_what_the_encoder_and_the_media_readers_say(
    pool: InferencePool, encoder: Encoder, track: Path
) -> None:
    encoded = answer(pool.encode_track(track))
    info = probe(track, LIMITS, want="sound")
    material = sound_material(track, encoder.spec.sound_plan(), limits=LIMITS, info=info)
    features = encoder.music_features([material])
    np.testing.assert_allclose(encoded.features, features[0], rtol=1e-4, atol=1e-4)
    assert cosines(encoded.embedding, encoder.embed_tracks(features)[0]) > 0.99999
    assert (encoded.info, encoded.tags.title, encoded.tags.artist) == (info, "Tone", "Nobody")
    assert encoded.loudness_lufs == material.loudness_lufs
    assert encoded.bpm == encoder.bpm(material)
    assert material.peaks is not None
    np.testing.assert_array_equal(encoded.peaks, material.peaks)


def test_the_stages_of_a_video_are_told_as_they_begin(pool: InferencePool, video: Path, tmp_path: Path) -> None:
    told, told_of_bad = list[str](), list[str]()
    answer(pool.encode_video(video, BRIEF, tell=told.append))
    with pytest.raises((UnreadableMedia, UnsupportedMedia)):
        answer(pool.encode_video(write_text(tmp_path / "text.mp4"), BRIEF, tell=told_of_bad.append))
    assert told == ["decode", "encode"]
    assert told_of_bad == ["decode"]


def test_sections_are_embedded_from_the_rows_that_stand_for_them(
    pool: InferencePool, encoder: Encoder, track: Path
) -> None:
    features = answer(pool.encode_track(track)).features
    other = features + np.float32(1)
    rows = np.array([[0, 0, 1], [2, 2, 2]])
    embedded = answer(pool.embed_sections([features, other], np.array([1, 0]), rows))
    expected = encoder.embed_tracks(np.stack([other[rows[0]], features[rows[1]]]))
    assert (cosines(embedded.embeddings, expected) > 0.99999).all()
    assert [sounding is not None for sounding in embedded.soundings] == [True, True]


def test_stored_features_give_the_embeddings_again_however_many_there_are(
    pool: InferencePool, encoder: Encoder, track: Path
) -> None:
    features = answer(pool.encode_track(track)).features
    many = [features + np.float32(place) for place in range(70)]
    embeddings = answer(pool.embed_features(many))
    assert (cosines(np.stack(embeddings), encoder.embed_tracks(np.stack(many))) > 0.99999).all()
    assert answer(pool.embed_features([])) == []


def test_bad_files_get_their_error_and_the_next_file_is_encoded(
    pool: InferencePool, video: Path, track: Path, tmp_path: Path
) -> None:
    with pytest.raises((UnreadableMedia, UnsupportedMedia)):
        answer(pool.encode_video(write_text(tmp_path / "text.mp4"), BRIEF))
    with pytest.raises(NoVideoStream):
        answer(pool.encode_video(track, BRIEF))
    with pytest.raises(MediaTooLong):
        answer(pool.encode_track(write_sound(tmp_path / "long.flac", seconds=21.0)))
    assert answer(pool.encode_video(video, BRIEF)).frame_count == 6


def test_a_source_is_deleted_once_decoded_only_if_that_was_asked_for(
    pool: InferencePool, video: Path, tmp_path: Path
) -> None:
    good, bad = Path(shutil.copy(video, tmp_path / "good.mp4")), write_text(tmp_path / "bad.mp4")
    answer(pool.encode_video(good, BRIEF))
    assert good.exists()
    answer(pool.encode_video(good, BRIEF, discard_source=True))
    with pytest.raises((UnreadableMedia, UnsupportedMedia)):
        answer(pool.encode_video(bad, BRIEF, discard_source=True))
    assert not good.exists()
    assert not bad.exists()


def test_a_killed_decoder_fails_the_request_in_its_hands_and_the_next_one_is_answered(
    pool: InferencePool, video: Path
) -> None:
    decoder = pid_of(pool, "decoder")
    os.kill(decoder, signal.SIGSTOP)
    held = pool.encode_video(video, BRIEF)
    wait_until_a_message_is_not_read()
    os.kill(decoder, signal.SIGKILL)
    with pytest.raises(EncoderUnavailable, match="decoder"):
        answer(held)
    assert answer(pool.encode_video(video, BRIEF)).frame_count == 6
    assert pid_of(pool, "decoder") != decoder


def test_a_killed_device_process_fails_the_request_in_its_hands_and_the_next_one_is_answered(
    pool: InferencePool, video: Path, track: Path
) -> None:
    device = pid_of(pool, "device")
    os.kill(device, signal.SIGSTOP)
    held = pool.encode_video(video, BRIEF)
    with pytest.raises(NoVideoStream):
        answer(pool.encode_video(track, BRIEF))  # the one decoder is done with what it had before
    wait_until_a_message_is_not_read()
    os.kill(device, signal.SIGKILL)
    with pytest.raises(EncoderUnavailable, match="device"):
        answer(held)
    assert answer(pool.encode_video(video, BRIEF)).frame_count == 6
    assert pid_of(pool, "device") != device


def test_no_room_for_what_is_decoded_is_told_as_a_full_disk(pool: InferencePool, video: Path) -> None:
    decoder = pid_of(pool, "decoder")
    soft, hard = resource.prlimit(decoder, resource.RLIMIT_FSIZE)
    resource.prlimit(decoder, resource.RLIMIT_FSIZE, (1024, hard))
    try:
        with pytest.raises(DiskFull):
            answer(pool.encode_video(video, BRIEF))
    finally:
        resource.prlimit(decoder, resource.RLIMIT_FSIZE, (soft, hard))
    assert answer(pool.encode_video(video, BRIEF)).frame_count == 6


def test_a_decoder_is_held_to_its_memory(pool: InferencePool) -> None:
    soft, _ = resource.prlimit(pid_of(pool, "decoder"), resource.RLIMIT_AS)
    assert soft == MOST_MEMORY_BYTES
    soft, _ = resource.prlimit(pid_of(pool, "device"), resource.RLIMIT_AS)
    assert soft != MOST_MEMORY_BYTES


def test_no_more_requests_are_admitted_than_the_limit_and_each_that_ends_makes_room(pool: InferencePool) -> None:
    with pool.admit():
        with pool.admit(), pytest.raises(Overloaded), pool.admit():
            pass
        with pool.admit():
            pass


def test_jobs_of_abandoned_requests_are_bounded_too(pool: InferencePool, video: Path) -> None:
    decoder = pid_of(pool, "decoder")
    os.kill(decoder, signal.SIGSTOP)
    futures = [pool.encode_video(video, Brief()) for _ in range(4)]
    with pytest.raises(Overloaded):
        pool.encode_video(video, Brief())
    os.kill(decoder, signal.SIGCONT)
    assert [answer(future).frame_count for future in futures] == [6, 6, 6, 6]
    assert answer(pool.encode_video(video, Brief())).frame_count == 6


def test_a_file_that_takes_too_long_is_given_up_and_its_decoder_replaced(setup: PoolSetup, video: Path) -> None:
    with InferencePool(replace(setup, decode_limit_s=1.0)) as pool:
        pool.wait_until_ready()
        os.kill(pid_of(pool, "decoder"), signal.SIGSTOP)
        with pytest.raises(MediaTookTooLong):
            answer(pool.encode_video(video, BRIEF))
        assert answer(pool.encode_video(video, BRIEF)).frame_count == 6


def test_closing_fails_the_requests_in_flight_and_leaves_no_process_and_no_file(setup: PoolSetup, video: Path) -> None:
    with InferencePool(setup) as pool:
        pool.wait_until_ready()
        assert pool.missing() == []
        pids = [worker.pid for worker in pool.status() if worker.pid]
        os.kill(pid_of(pool, "device"), signal.SIGSTOP)
        held = pool.encode_video(video, BRIEF)
    with pytest.raises(EncoderUnavailable):
        answer(held)
    assert pool.missing() == ["decoder", "device"]
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)  # a zombie would still be found
    assert files_in(setup.temporary) == []


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_not_there_is_told_to_whoever_starts_the_pool(setup: PoolSetup) -> None:
    with InferencePool(replace(setup, device="cuda")) as pool, pytest.raises(DeviceUnavailable):
        pool.wait_until_ready()


def test_a_checkpoint_that_is_not_there_is_told_before_anything_starts(setup: PoolSetup, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        InferencePool(replace(setup, checkpoint=tmp_path))


CALLER = """
import sys
from pathlib import Path
from app.domain import Brief, MediaLimits
from app.inference.pool import InferencePool, PoolSetup

checkpoint, scratch, video, track = map(Path, sys.argv[1:])
limits = MediaLimits(20.0)
with InferencePool(PoolSetup(checkpoint, scratch, limits, limits, device="cpu", decoders=1)) as pool:
    pool.encode_video(video, Brief("a title")).result()
    pool.encode_track(track).result()
    [decoder] = [worker.pid for worker in pool.status() if worker.name == "decoder"]
    mapped = Path(f"/proc/{decoder}/maps").read_text()
print(*sorted({"torch", "av", "cv2", "librosa", "tinytag"} & sys.modules.keys()))
print(*[name for name in ("/av/", "/torch/", "/librosa/") if name in mapped])
"""


def test_the_caller_loads_neither_torch_nor_media_libraries_and_a_decoder_no_torch(
    setup: PoolSetup, video: Path, track: Path
) -> None:
    files = [setup.checkpoint, setup.temporary, video, track]
    command = [sys.executable, "-W", "error", "-c", CALLER, *map(str, files)]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert told.stdout.split("\n") == ["", "/av/", ""]
    assert told.stderr == ""


def test_a_pool_that_was_closed_says_that_it_cannot_encode_however_often_it_is_asked(
    setup: PoolSetup, track: Path
) -> None:
    with InferencePool(setup) as closed:
        pass
    for _ in range(3 * closed.max_waiting):
        with pytest.raises(EncoderUnavailable):
            closed.encode_track(track)

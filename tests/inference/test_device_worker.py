from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch

from app.domain import (
    Brief,
    Embedding,
    Float32Array,
    MediaInfo,
    SoundMaterial,
    SoundStream,
    Tags,
    VideoMaterial,
    VideoStream,
)
from app.encoders.checkpoint import load_checkpoint
from app.encoders.encoder import Encoder
from app.encoders.signal_music import FEATURE_NAMES
from app.errors import CheckpointError, DeviceUnavailable
from app.inference.device_worker import DeviceJob, encode, encode_or_end, prepare
from app.inference.jobs import (
    DecodedTrack,
    DecodedVideo,
    DeviceSetup,
    EmbedFeatures,
    EmbedSections,
    EncodeTrack,
    EncodeVideo,
)
from app.inference.stored_array import store_array
from app.media.look import look_of
from tests.encoders.checkpoints import cosines, small_checkpoint, some_track, some_video

INFO = MediaInfo("mp4", 1000, 12.0, VideoStream("h264", 64, 36, 0, 10.0), SoundStream("aac", 48_000, 1))
BRIEF = Brief(title="racing through the city", keywords=("fast", "neon"))
# Batches of another size may add up in another order.
SAME = 0.99999


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_checkpoint(tmp_path_factory.mktemp("checkpoints") / "small")


@pytest.fixture(scope="module")
def encoder(checkpoint: Path) -> Encoder:
    return load_checkpoint(checkpoint, "cpu")


def encode_video(material: VideoMaterial, path: Path, brief: Brief = BRIEF) -> EncodeVideo:
    rgb = store_array(material.frames.rgb, path)
    times_s, motion, look = material.frames.times_s, material.motion, look_of(material)
    return EncodeVideo(DecodedVideo(INFO, material.duration_s, rgb, times_s, motion, look, decode_ms=5.0), brief)


def encode_track(material: SoundMaterial, path: Path) -> EncodeTrack:
    windows = store_array(material.windows, path)
    rate_hz, loudness, peaks = material.rate_hz, material.loudness_lufs, np.zeros(4, np.float32)
    starts_s, duration_s = material.starts_s, material.duration_s
    return EncodeTrack(DecodedTrack(INFO, Tags(), duration_s, windows, starts_s, rate_hz, loudness, peaks))


def embedded_video(encoder: Encoder, material: VideoMaterial, brief: Brief = BRIEF) -> Embedding:
    return cast(Embedding, encoder.embed_videos(encoder.video_features([material]), [brief])[0])


def test_a_batch_of_every_kind_is_answered_in_its_order_as_the_encoder_would(encoder: Encoder, tmp_path: Path) -> None:
    videos, track = [some_video(1), some_video(2)], some_track(3)
    features = encoder.music_features([track, some_track(4)])
    jobs: list[DeviceJob] = [
        encode_video(videos[0], tmp_path / "0"),
        encode_track(track, tmp_path / "1"),
        EmbedFeatures(store_array(features, tmp_path / "2")),
        encode_video(videos[1], tmp_path / "3", Brief()),
    ]
    first, own, stored, second = encode(encoder, jobs)
    assert cosines(first.embedding, embedded_video(encoder, videos[0])) > SAME
    assert cosines(second.embedding, embedded_video(encoder, videos[1], Brief())) > SAME
    assert cosines(own.embedding, encoder.embed_tracks(features)[0]) > SAME
    np.testing.assert_allclose(own.features, features[0], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(first.features, encoder.video_features([videos[0]])[0], rtol=1e-4, atol=1e-4)
    assert own.bpm == pytest.approx(encoder.bpm(track))
    assert (cosines(stored, encoder.embed_tracks(features)) > SAME).all()


def test_answers_do_not_carry_the_rest_of_the_batch_through_the_pipe(encoder: Encoder, tmp_path: Path) -> None:
    answers = encode(encoder, [encode_video(some_video(seed), tmp_path / str(seed)) for seed in range(3)])
    assert [answer.embedding.shape for answer in answers] == [(16,)] * 3
    assert all(answer.features_ms > 0 and answer.encode_ms > 0 for answer in answers)


def test_a_section_is_embedded_as_a_track_whose_steps_are_its_rows(encoder: Encoder, tmp_path: Path) -> None:
    features = encoder.music_features([some_track(3), some_track(4)])
    tracks, rows = np.array([1, 0, 1]), np.array([[0, 1, 2], [2, 2, 2], [0, 0, 1]])
    [answer] = encode(encoder, [EmbedSections(store_array(features, tmp_path / "0"), tracks, rows)])
    sections = np.stack([features[1], features[0][[2, 2, 2]], features[1][[0, 0, 1]]])
    assert (cosines(answer.embeddings, encoder.embed_tracks(sections)) > SAME).all()
    assert [sounding.onsets_per_s for sounding in answer.soundings] == pytest.approx(
        features[:, :, FEATURE_NAMES.index("onsets_per_s")].mean(axis=1).tolist()
    )


class BrokenDevice:
    """Stands in for an encoder whose device has met an error that it does not get over."""

    def video_features(self, materials: Sequence[VideoMaterial]) -> Float32Array:
        raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")


def test_a_failed_device_ends_the_process_so_that_it_is_replaced(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="illegal memory access"):
        encode_or_end(cast(Encoder, BrokenDevice()), [encode_video(some_video(1), tmp_path / "0")])


def test_a_missing_checkpoint_and_a_missing_device_are_told(checkpoint: Path, tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    with pytest.raises(CheckpointError, match=r"encoder\.json"):
        prepare(DeviceSetup(tmp_path, "cpu", None, threads))
    if not torch.cuda.is_available():
        with pytest.raises(DeviceUnavailable, match="cuda"):
            prepare(DeviceSetup(checkpoint, "cuda", None, threads))

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.domain import Brief, Float32Array
from app.encoders.checkpoint import load_checkpoint
from app.encoders.encoder import Encoder
from tests.encoders.checkpoints import RATE_HZ, cosines, small_checkpoint, some_track, some_video
from tests.encoders.sounds import clicks

BRIEFS = (
    Brief(),
    Brief(title="racing through the city"),
    Brief(keywords=("fast", "neon")),
    Brief(title="Calm sea", keywords=("ocean", "sunset")),
)
LARGEST_BATCH = 16
Embedded = Callable[[Encoder, int, int], Float32Array]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_checkpoint(tmp_path_factory.mktemp("checkpoint") / "small")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return load_checkpoint(folder, "cpu")


def embedded_videos(encoder: Encoder, first: int, last: int) -> Float32Array:
    materials = [some_video(seed) for seed in range(first, last)]
    briefs = [BRIEFS[seed % len(BRIEFS)] for seed in range(first, last)]
    return encoder.embed_videos(encoder.video_features(materials), briefs)


def embedded_tracks(encoder: Encoder, first: int, last: int) -> Float32Array:
    return encoder.embed_tracks(encoder.music_features([some_track(seed) for seed in range(first, last)]))


def test_embeddings_are_unit_float32_rows(encoder: Encoder) -> None:
    for embeddings in (embedded_videos(encoder, 0, 3), embedded_tracks(encoder, 0, 3)):
        assert embeddings.dtype == np.float32
        assert embeddings.shape == (3, encoder.spec.embedding_dim)
        np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("embedded", [embedded_videos, embedded_tracks])
def test_a_file_has_one_embedding_whatever_else_is_in_the_batch(encoder: Encoder, embedded: Embedded) -> None:
    alone = np.concatenate([embedded(encoder, number, number + 1) for number in range(LARGEST_BATCH)])
    # Distinct files must be distinct, or the comparison would prove nothing.
    assert cosines(alone[:-1], alone[1:]).max() < 0.999
    for size in range(2, LARGEST_BATCH + 1):
        assert cosines(embedded(encoder, 0, size), alone[:size]).min() >= 0.99999, size


def test_a_second_process_gives_the_same_embeddings(encoder: Encoder, folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from app.encoders.checkpoint import load_checkpoint\n"
        "from tests.encoders.test_encoder import embedded_tracks, embedded_videos\n"
        "encoder = load_checkpoint(Path(sys.argv[1]), 'cpu')\n"
        "np.save(sys.argv[2], np.concatenate([embedded_videos(encoder, 0, 4), embedded_tracks(encoder, 0, 4)]))\n"
    )
    saved = tmp_path / "embeddings.npy"
    subprocess.run([sys.executable, "-c", program, str(folder), str(saved)], check=True)
    here = np.concatenate([embedded_videos(encoder, 0, 4), embedded_tracks(encoder, 0, 4)])
    assert cosines(np.load(saved), here).min() >= 0.99999


def test_words_change_a_videos_embedding_and_their_absence_does_not(encoder: Encoder) -> None:
    features = np.repeat(encoder.video_features([some_video(1)]), 4, axis=0)
    silent, titled, unsaid, wordless = encoder.embed_videos(
        features, [Brief(), Brief(title="neon city"), Brief(title="  ", keywords=("",)), Brief(title="!!!")]
    )
    assert silent @ titled < 0.999
    assert silent @ unsaid == pytest.approx(1, abs=1e-6)
    assert silent @ wordless == pytest.approx(1, abs=1e-6)


def test_several_texts_are_the_mean_of_their_unit_vectors(encoder: Encoder) -> None:
    title, keywords = encoder.text_vector(["calm sea"]), encoder.text_vector(["neon, fast, loud"])
    both = encoder.text_vector(["calm sea", "neon, fast, loud"])
    assert title is not None
    assert keywords is not None
    assert both is not None
    mean = (title + keywords) / 2
    np.testing.assert_allclose(both, mean / np.linalg.norm(mean), atol=1e-6)


@pytest.mark.parametrize("texts", [[], [""], ["?!", " "]])
def test_no_words_have_no_vector(encoder: Encoder, texts: list[str]) -> None:
    assert encoder.text_vector(texts) is None


def test_an_encoder_without_a_text_side_takes_briefs_and_leaves_them_unread(tmp_path: Path) -> None:
    encoder = load_checkpoint(small_checkpoint(tmp_path / "plain", with_text=False), "cpu")
    features = np.repeat(encoder.video_features([some_video(1)]), 2, axis=0)
    with_words, without = encoder.embed_videos(features, [Brief(title="neon city"), Brief()])
    np.testing.assert_array_equal(with_words, without)
    assert encoder.text_vector(["neon city"]) is None


def test_a_value_far_outside_training_does_no_more_than_one_at_the_limit(encoder: Encoder) -> None:
    standardisation = encoder.spec.music.standardisation
    assert standardisation is not None
    features = encoder.music_features([some_track(1)])
    at_limit, beyond = features.copy(), features.copy()
    at_limit[..., 0] = standardisation.mean[0] + standardisation.limit * standardisation.deviation[0]
    beyond[..., 0] = 1e9
    assert cosines(encoder.embed_tracks(at_limit), encoder.embed_tracks(beyond)) == pytest.approx(1, abs=1e-6)


def test_features_and_tempo_come_from_one_pass(encoder: Encoder) -> None:
    track = some_track(1)
    windows = np.stack([clicks(97.0, first_s=0.1 * number) for number in range(3)])
    beating = type(track)(9.0, windows, track.starts_s, RATE_HZ, None)
    silent = type(track)(9.0, np.zeros_like(windows), track.starts_s, RATE_HZ, None)
    measured = encoder.measure_tracks([beating, silent])
    assert measured.bpm[0] == pytest.approx(97.0, rel=0.03)
    assert measured.bpm[1] is None
    assert encoder.bpm(beating) == pytest.approx(measured.bpm[0])
    np.testing.assert_array_equal(measured.features, encoder.music_features([beating, silent]))


def test_shared_memory_that_must_not_be_written_to_is_read_all_the_same(encoder: Encoder) -> None:
    video, track = some_video(1), some_track(1)
    frames, windows = video.frames.rgb.copy(), track.windows.copy()
    features = encoder.video_features([video])
    for shared in (frames, windows, features):
        shared.setflags(write=False)
    of_frames = encoder.video_features([replace(video, frames=replace(video.frames, rgb=frames))])
    np.testing.assert_array_equal(of_frames, features)
    assert encoder.embed_videos(features, [Brief()]).shape == (1, 16)
    assert encoder.music_features([replace(track, windows=windows)]).shape == (1, 3, 89)

"""The whole way, nothing faked: real files, real processes, the checkpoint that ships."""

from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest

from app.encoders.spec import digest_of
from app.settings import STARTER_CHECKPOINT
from tests.media_files import Film, moving_picture, tone, truncate, write_sound, write_text, write_video
from tests.serving.server_process import ServerProcess

HEAVY = {"torch", "av", "librosa", "cv2", "tinytag", "open_clip", "torchvision"}


def post(server: ServerProcess, path: str, file: Path, **fields: str) -> httpx.Response:
    name = {"/music": "file", "/recommend": "video"}[path]
    with file.open("rb") as content:
        return server.client.post(path, files={name: (file.name, content)}, data=fields)


def works(server: ServerProcess, tmp_path: Path) -> bool:
    """Whether the next request does."""
    return post(server, "/recommend", write_video(tmp_path / "next.mp4")).status_code == 200


def test_a_song_is_stored_and_a_video_gets_it_recommended(server: ServerProcess, tmp_path: Path) -> None:
    song = write_sound(tmp_path / "song.ogg", codec="vorbis", channels=2, seconds=6, tags={"artist": "A. Composer"})
    stored = post(server, "/music", song, title="Night drive", license="CC0-1.0")
    assert stored.status_code == 201, stored.text
    track = stored.json()
    assert (track["title"], track["artist"], track["license"]) == ("Night drive", "A. Composer", "CC0-1.0")
    assert track["duration_s"] == pytest.approx(6, abs=0.1)
    assert -15 < track["loudness_lufs"] < -3
    assert track["media_type"] == "audio/ogg"
    assert server.client.get(track["audio_url"]).content == song.read_bytes()

    clip = write_video(tmp_path / "clip.mp4", Film(seconds=3, size=(64, 96)), moving_picture(0.2, 10))
    answer = post(server, "/recommend", clip, title="racing through the city", keywords="fast,neon")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["encoder"] == {"name": found["encoder"]["name"], "digest": digest_of(STARTER_CHECKPOINT)}
    assert (found["video"]["width"], found["video"]["height"]) == (64, 96)
    assert found["video"]["duration_s"] == pytest.approx(3, abs=0.15)
    assert track["id"] in [result["track"]["id"] for result in found["results"]]
    assert [result["rank"] for result in found["results"]] == list(range(1, len(found["results"]) + 1))
    assert found["library_size"] == len(found["results"])


def scores(server: ServerProcess, clip: Path, **fields: str) -> dict[str, float]:
    results = post(server, "/recommend", clip, **fields).json()["results"]
    return {result["track"]["id"]: result["score"] for result in results}


def test_the_same_video_gets_the_same_scores_again(server: ServerProcess, tmp_path: Path) -> None:
    post(server, "/music", write_sound(tmp_path / "one.flac", samples=tone(3, frequency_hz=220)))
    clip = write_video(tmp_path / "clip.mp4")
    assert scores(server, clip) == pytest.approx(scores(server, clip), abs=1e-5)


def test_words_change_the_scores(server: ServerProcess, tmp_path: Path) -> None:
    post(server, "/music", write_sound(tmp_path / "one.flac", samples=tone(3, frequency_hz=220)))
    clip = write_video(tmp_path / "clip.mp4")
    with_words = scores(server, clip, title="a calm and slow evening", keywords="fast,dark,happy")
    assert with_words != pytest.approx(scores(server, clip), abs=1e-4)


def test_the_process_that_answers_has_loaded_neither_torch_nor_a_media_library(
    server: ServerProcess, tmp_path: Path
) -> None:
    assert works(server, tmp_path)
    post(server, "/music", write_sound(tmp_path / "song.wav", codec="pcm_s16le"))
    loaded = server.loaded_modules()
    assert "app.main" in loaded
    assert not loaded & HEAVY


def empty(path: Path) -> Path:
    path.touch()
    return path


def silence(path: Path) -> Path:
    return write_sound(path, samples=tone(2, amplitude=0))


def noise(path: Path) -> Path:
    path.write_bytes(np.random.default_rng(1).bytes(50_000))
    return path


def without_sound(path: Path) -> Path:
    return write_video(path)


def without_picture(path: Path) -> Path:
    return write_sound(path, codec="aac")


@pytest.mark.parametrize(
    ("path", "name", "made", "codes"),
    [
        ("/recommend", "empty.mp4", empty, {"invalid_parameter"}),
        ("/recommend", "text.mp4", write_text, {"unreadable_media", "unsupported_media"}),
        ("/recommend", "noise.mp4", noise, {"unreadable_media", "unsupported_media"}),
        ("/recommend", "sound.m4a", without_picture, {"no_video_stream"}),
        ("/recommend", "cut.mp4", lambda path: truncate(write_video(path), 0.5), {"unreadable_media"}),
        ("/music", "empty.ogg", empty, {"invalid_parameter"}),
        ("/music", "text.ogg", write_text, {"unreadable_media", "unsupported_media"}),
        ("/music", "silence.flac", silence, {"silent_audio"}),
        ("/music", "film.mp4", without_sound, {"no_audio_stream"}),
        ("/music", "noise.mp3", noise, {"unreadable_media", "unsupported_media"}),
    ],
)
def test_a_file_that_is_at_fault_is_told_so_and_the_next_request_works(
    server: ServerProcess, tmp_path: Path, path: str, name: str, made: Callable[[Path], Path], codes: set[str]
) -> None:
    answer = post(server, path, made(tmp_path / name))
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["code"] in codes
    assert str(tmp_path) not in answer.text
    assert works(server, tmp_path)


def test_a_video_of_one_frame_is_a_video(server: ServerProcess, tmp_path: Path) -> None:
    answer = post(server, "/recommend", write_video(tmp_path / "one.mp4", Film(seconds=0.1)))
    assert answer.status_code == 200, answer.text
    assert answer.json()["video"]["duration_s"] == pytest.approx(0.1)

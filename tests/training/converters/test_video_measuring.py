from pathlib import Path

import numpy as np
import pytest

from app.domain import Brief
from app.encoders.backbones import ChosenBackbones
from app.encoders.checkpoint import load_checkpoint
from tests.encoders.checkpoints import small_checkpoint, some_track, some_video
from training.converters.video_measuring import Measuring, streams_of
from training.measured_with import measured_by


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_checkpoint(tmp_path_factory.mktemp("measuring") / "small")


def measuring(checkpoint: Path) -> Measuring:
    chosen = ChosenBackbones.of(load_checkpoint(checkpoint, "cpu").spec)
    return Measuring(chosen, checkpoint, "cpu", None)


def test_features_are_those_of_the_server(checkpoint: Path) -> None:
    encoder, own = load_checkpoint(checkpoint, "cpu"), measuring(checkpoint)
    np.testing.assert_array_equal(own.video(some_video(1)), encoder.video_features([some_video(1)])[0])
    np.testing.assert_array_equal(own.sound(some_track(1)), encoder.music_features([some_track(1)])[0])
    assert own.measured_with() == measured_by(encoder.spec)


def test_title_and_keywords_are_what_the_server_reads_of_each_alone(checkpoint: Path) -> None:
    encoder, own = load_checkpoint(checkpoint, "cpu"), measuring(checkpoint)
    found = own.words(Brief("Night drive", ("neon", "fast")))
    assert {name: len(rows) for name, rows in found.items()} == {"title": 1, "keywords": 1}
    for name, text in (("title", "Night drive"), ("keywords", "neon, fast")):
        expected = encoder.text_vector([text])
        assert expected is not None
        np.testing.assert_allclose(found[name][0], expected, atol=1e-6)


@pytest.mark.parametrize("brief", [Brief(), Brief("  ", ("",)), Brief("?!", ("...",))])
def test_where_no_word_is_said_there_are_no_rows(checkpoint: Path, brief: Brief) -> None:
    found = measuring(checkpoint).words(brief)
    assert {name: rows.shape for name, rows in found.items()} == {"title": (0, 8192), "keywords": (0, 8192)}


def test_an_encoder_without_words_has_no_streams_for_them(tmp_path: Path) -> None:
    own = measuring(small_checkpoint(tmp_path / "plain", with_text=False))
    assert own.words(Brief("Night drive")) == {}
    assert list(streams_of(own.measured_with())) == ["video", "music"]

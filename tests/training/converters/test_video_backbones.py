"""With tiny models of random weights on disk: nothing is fetched."""

from pathlib import Path

import pytest

from app.encoders.backbone_specs import ClipImage, ClipText, HashedText, SignalMusic, VGGish
from app.encoders.backbones import ChosenBackbones
from app.encoders.checkpoint import save_checkpoint
from app.encoders.spec import FrameSampling, SoundSampling, read_spec
from app.errors import CheckpointError
from tests.encoders.checkpoints import small_model, small_spec
from tests.encoders.test_vggish_loader import vggish_spec
from tests.encoders.tiny_clip import NAME, SIZE, WIDTH, save_tiny_clip, sha256_of
from tests.encoders.vggish_weights import WIDTH as VGGISH_WIDTH
from tests.encoders.vggish_weights import narrow_weights, saved, spec_of
from tests.training.converters.video_commands import parsed
from training.converters.video_backbones import STARTER, measuring_of, music_backbone
from training.converters.video_measuring import Measuring, streams_of

SHA256 = "ab" * 32


@pytest.fixture(scope="module")
def clip_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Makes the tiny model known to open_clip, and holds its weights."""
    folder = tmp_path_factory.mktemp("clip")
    save_tiny_clip(folder)
    return folder / "tiny.safetensors"


def measuring(folder: Path, *arguments: str) -> Measuring:
    return measuring_of(parsed(folder, "--device", "cpu", *arguments))


def test_without_a_word_the_shipped_checkpoint_is_followed(tmp_path: Path) -> None:
    found = measuring(tmp_path)
    spec = read_spec(STARTER)
    assert found.chosen == ChosenBackbones.of(spec)
    assert (found.frame_plan, found.sound_plan) == (spec.frame_plan(), spec.sound_plan())
    measured = found.measured_with()
    assert spec.text is not None
    assert measured.text is not None
    dims = (measured.video.feature_dim, measured.music.feature_dim, measured.text.feature_dim)
    assert dims == (spec.video.feature_dim, spec.music.feature_dim, spec.text.feature_dim)
    assert list(streams_of(measured)) == ["video", "title", "keywords", "music"]


def test_another_checkpoint_may_be_followed_and_its_weights_are_found_from_anywhere(tmp_path: Path) -> None:
    weights = saved(tmp_path / "vggish.safetensors", narrow_weights())
    spec = vggish_spec(spec_of(weights).model_copy(update={"weights_file": "vggish.safetensors"}))
    save_checkpoint(tmp_path / "own", spec, small_model(spec))
    weights.rename(tmp_path / "own" / "vggish.safetensors")
    found = measuring(tmp_path, "--like", str(tmp_path / "own"))
    assert found.sound_plan == spec.sound_plan()
    assert isinstance(found.chosen.music, VGGish)
    assert found.chosen.music.weights_file == str(tmp_path / "own" / "vggish.safetensors")
    assert found.measured_with().music.feature_dim == VGGISH_WIDTH


def test_numbers_of_instants_and_windows_may_be_others(tmp_path: Path) -> None:
    found = measuring(tmp_path, "--instants", "7", "--windows", "5")
    assert (found.frame_plan.instants, found.sound_plan.windows) == (7, 5)
    streams = streams_of(found.measured_with())
    assert (streams["video"].form.steps, streams["music"].form.steps) == ("7 instants", "5 windows")


def test_pictures_for_clip_have_the_form_the_model_was_trained_on(tmp_path: Path, clip_weights: Path) -> None:
    named = f"{NAME}:sha256={sha256_of(clip_weights)}:{clip_weights}"
    found = measuring(
        tmp_path, "--image-backbone", f"clip-image:{named}", "--text-backbone", f"clip-text:{named}", "--instants", "3"
    )
    assert isinstance(found.chosen.video, ClipImage)
    assert isinstance(found.chosen.text, ClipText)
    assert found.chosen.frames == FrameSampling(
        instants=3, width=SIZE, height=SIZE, fit="crop", interpolation="bicubic", motion_instants=0, frame_budget=600
    )
    measured = found.measured_with()
    assert measured.text is not None
    assert (measured.video.feature_dim, measured.text.feature_dim) == (WIDTH, WIDTH)
    assert measured.video.backbone.space == f"clip-image:{NAME}:{sha256_of(clip_weights)[:16]}"


def test_signals_in_the_place_of_others_are_sampled_as_the_shipped_checkpoint_samples_them(tmp_path: Path) -> None:
    weights = saved(tmp_path / "vggish.safetensors", narrow_weights())
    spec = vggish_spec(spec_of(weights))
    save_checkpoint(tmp_path / "own", spec, small_model(spec))
    found = measuring(
        tmp_path,
        "--like",
        str(tmp_path / "own"),
        "--music-backbone",
        "signal-music",
        "--image-backbone",
        "signal-video",
    )
    starter = read_spec(STARTER)
    assert isinstance(found.chosen.music, SignalMusic)
    assert found.chosen.sound == starter.music.sampling.model_copy(update={"windows": spec.music.sampling.windows})
    assert found.chosen.frames == starter.video.sampling.model_copy(update={"instants": spec.video.sampling.instants})


@pytest.mark.parametrize("named", ["vggish", "vggish:yt8m"])
def test_vggish_hears_windows_of_its_own_length(tmp_path: Path, named: str) -> None:
    weights = saved(tmp_path / "vggish.safetensors", narrow_weights())
    found = measuring(tmp_path, "--music-backbone", f"{named}:sha256={sha256_of(weights)}:{weights}")
    assert found.chosen.sound == SoundSampling(rate_hz=16_000, windows=16, window_samples=15_600)
    form = streams_of(found.measured_with())["music"].form
    assert form.dim == VGGISH_WIDTH
    assert form.space.endswith(":yt8m") == (named == "vggish:yt8m")


def test_vggish_may_come_from_an_address() -> None:
    found = music_backbone(f"vggish:sha256={SHA256}:https://example.org/v.safetensors")
    assert isinstance(found, VGGish)
    assert (found.weights_file, found.weights_url) == (None, "https://example.org/v.safetensors")


def test_without_words_there_are_no_streams_for_them(tmp_path: Path) -> None:
    found = measuring(tmp_path, "--text-backbone", "none")
    assert found.chosen.text is None
    assert list(streams_of(found.measured_with())) == ["video", "music"]


def test_other_buckets_for_words_may_be_named(tmp_path: Path) -> None:
    found = measuring(tmp_path, "--text-backbone", "hashed-text:30+10")
    assert found.chosen.text == HashedText(name="hashed-text", version=1, word_buckets=30, ngram_buckets=10)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--music-backbone", "vggish"),
        ("--music-backbone", "vggish:sha256=12:a.safetensors"),
        ("--image-backbone", "clip-text:a:b"),
        ("--text-backbone", "no"),
        ("--instants", "0"),
        ("--windows", "many"),
    ],
)
def test_a_backbone_that_is_not_known_is_named(
    tmp_path: Path, arguments: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parsed(tmp_path, *arguments)
    assert arguments[1] in capsys.readouterr().err


def test_weights_that_are_not_there_are_told_before_any_video_is_looked_at(tmp_path: Path) -> None:
    found = measuring(tmp_path, "--music-backbone", f"vggish:sha256={SHA256}:{tmp_path}/none.safetensors")
    with pytest.raises(CheckpointError) as caught:
        found.measured_with()
    assert caught.value.field == "music.backbone.weights_file"


def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        measuring(tmp_path, "--like", str(tmp_path))


def test_two_choices_of_one_spec_are_one_key() -> None:
    assert ChosenBackbones.of(small_spec()) == ChosenBackbones.of(small_spec())
    assert hash(ChosenBackbones.of(small_spec())) == hash(ChosenBackbones.of(small_spec()))

"""With narrow networks and random weights on disk: nothing is fetched but from this machine."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from app.domain import SoundMaterial
from app.encoders.backbone_specs import MusicBackboneSpec, VGGish
from app.encoders.checkpoint import load_checkpoint, save_checkpoint
from app.encoders.encoder import Encoder
from app.encoders.spec import EncoderSpec, SoundSampling
from app.encoders.vggish import RATE_HZ, WINDOW_SAMPLES
from app.encoders.vggish_loader import vggish_of
from app.errors import CheckpointError
from tests.encoders.checkpoints import cosines, small_model, small_spec
from tests.encoders.vggish_weights import WIDTH, narrow_weights, saved, spec_of
from tests.encoders.weights_server import running_weights_server

WINDOWS = 3
Change = Callable[[dict[str, Tensor]], object]


def vggish_spec(
    backbone: MusicBackboneSpec, *, rate_hz: int = RATE_HZ, window_samples: int = WINDOW_SAMPLES
) -> EncoderSpec:
    """Pictures through signals, music through VGGish."""
    plain = small_spec()
    sampling = SoundSampling(rate_hz=rate_hz, windows=WINDOWS, window_samples=window_samples)
    changed = {"backbone": backbone, "feature_dim": WIDTH, "sampling": sampling, "standardisation": None}
    return plain.model_copy(update={"music": plain.music.model_copy(update=changed)})


def vggish_encoder(folder: Path, spec: EncoderSpec, *, cache_dir: Path | None = None) -> Encoder:
    save_checkpoint(folder, spec, small_model(spec))
    return load_checkpoint(folder, "cpu", cache_dir=cache_dir)


def fault_of(folder: Path, spec: EncoderSpec) -> CheckpointError:
    with pytest.raises(CheckpointError) as caught:
        vggish_encoder(folder, spec)
    return caught.value


def track(seed: int) -> SoundMaterial:
    windows = np.random.default_rng(seed).normal(0, 0.01 * (1 + seed), (WINDOWS, WINDOW_SAMPLES)).astype(np.float32)
    return SoundMaterial(12.0, windows, np.arange(WINDOWS, dtype=np.float32), RATE_HZ, None)


@pytest.mark.parametrize("postprocess", [False, True])
def test_a_checkpoint_may_hear_through_vggish_and_then_tells_no_tempo(tmp_path: Path, postprocess: bool) -> None:
    path = saved(tmp_path / "vggish.safetensors", narrow_weights())
    encoder = vggish_encoder(tmp_path / "own", vggish_spec(spec_of(path, postprocess=postprocess)))
    tracks = [track(seed) for seed in range(4)]
    measured = encoder.measure_tracks(tracks)
    assert measured.bpm == (None,) * 4
    assert encoder.bpm(tracks[0]) is None
    assert measured.features.shape == (4, WINDOWS, WIDTH)
    windows_BSN = torch.from_numpy(np.stack([material.windows for material in tracks]))
    music = vggish_of(narrow_weights(), postprocess=postprocess, device=torch.device("cpu"))
    np.testing.assert_array_equal(measured.features, music.measure(windows_BSN)[0].numpy())


def test_a_file_has_one_embedding_whatever_else_is_in_the_batch(tmp_path: Path) -> None:
    path = saved(tmp_path / "vggish.safetensors", narrow_weights())
    encoder = vggish_encoder(tmp_path / "own", vggish_spec(spec_of(path, postprocess=True)))
    tracks = [track(seed) for seed in range(9)]
    alone = np.concatenate([encoder.embed_tracks(encoder.music_features([material])) for material in tracks])
    assert cosines(alone[:-1], alone[1:]).max() < 0.9999
    for size in (2, 5, 9):
        together = encoder.embed_tracks(encoder.music_features(tracks[:size]))
        assert cosines(together, alone[:size]).min() >= 0.99999, size


def test_weights_may_lie_in_the_checkpoints_folder(tmp_path: Path) -> None:
    path = saved(tmp_path / "vggish.safetensors", narrow_weights())
    beside = spec_of(path).model_copy(update={"weights_file": "vggish.safetensors"})
    spec = vggish_spec(beside)
    save_checkpoint(tmp_path / "own", spec, small_model(spec))
    path.rename(tmp_path / "own" / "vggish.safetensors")
    assert load_checkpoint(tmp_path / "own", "cpu").music_features([track(1)]).shape == (1, WINDOWS, WIDTH)


def test_weights_may_be_fetched(tmp_path: Path) -> None:
    path = saved(tmp_path / "vggish.safetensors", narrow_weights())
    with running_weights_server(path.read_bytes()) as server:
        fetched = spec_of(path).model_copy(update={"weights_file": None, "weights_url": f"{server.url}/weights"})
        encoder = vggish_encoder(tmp_path / "own", vggish_spec(fetched), cache_dir=tmp_path / "cache")
    assert encoder.music_features([track(1)]).shape == (1, WINDOWS, WIDTH)
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda w: w.pop("features.6.weight"), "features.6.weight is missing"),
        (lambda w: w.pop("features.11.bias"), "features.11.bias is missing"),
        (lambda w: w.pop("pproc.pca_means"), "pproc.pca_means is missing"),
        (lambda w: w.update({"features.1.weight": torch.zeros(1)}), "features.1.weight is not part of this model"),
        (lambda w: w.update({"embeddings.4.weight": torch.zeros(9, 11)}), "has shape [9, 11], expected [9, 10]"),
        (lambda w: w.update({"embeddings.0.bias": torch.zeros(12)}), "embeddings.0.weight has shape"),
        (lambda w: w.update({"features.0.bias": torch.zeros(3, dtype=torch.float16)}), "has type torch.float16"),
        (lambda w: w["features.3.bias"].fill_(float("inf")), "features.3.bias has values that are not finite"),
    ],
)
def test_a_wrong_missing_or_extra_tensor_is_named(tmp_path: Path, change: Change, reason: str) -> None:
    weights = narrow_weights()
    change(weights)
    path = saved(tmp_path / "vggish.safetensors", weights)
    error = fault_of(tmp_path / "own", vggish_spec(spec_of(path)))
    assert error.field == "music.backbone.weights_file"
    assert error.reason.startswith("vggish.safetensors: ")
    assert reason in error.reason


def test_whitening_is_needed_for_postprocessing_and_for_nothing_else(tmp_path: Path) -> None:
    path = saved(tmp_path / "vggish.safetensors", narrow_weights(with_whitening=False))
    error = fault_of(tmp_path / "own", vggish_spec(spec_of(path, postprocess=True)))
    assert "pproc.pca_eigen_vectors is missing" in error.reason
    assert vggish_encoder(tmp_path / "plain", vggish_spec(spec_of(path))).bpm(track(1)) is None


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    torch.save(narrow_weights(), tmp_path / "vggish.pth")
    error = fault_of(tmp_path / "own", vggish_spec(spec_of(tmp_path / "vggish.pth")))
    assert error.field == "music.backbone.weights_file"


def test_weights_with_another_sha256_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "vggish.safetensors", narrow_weights())
    spec = spec_of(path)
    saved(path, narrow_weights(seed=6))
    error = fault_of(tmp_path / "own", vggish_spec(spec))
    assert error.field == "music.backbone.weights_sha256"
    assert spec.weights_sha256 in error.reason


@pytest.mark.parametrize(
    ("sampling", "field", "needed"),
    [
        ({"rate_hz": 22_050}, "music.sampling.rate_hz", "16000"),
        ({"window_samples": 15_360}, "music.sampling.window_samples", "15600"),
    ],
)
def test_sound_at_another_rate_or_length_than_vggish_hears_is_refused(
    tmp_path: Path, sampling: dict[str, int], field: str, needed: str
) -> None:
    path = saved(tmp_path / "vggish.safetensors", narrow_weights())
    error = fault_of(tmp_path / "own", vggish_spec(spec_of(path), **sampling))
    assert error.field == field
    assert needed in error.reason


def test_features_of_another_width_than_the_checkpoint_says_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "vggish.safetensors", narrow_weights())
    spec = vggish_spec(spec_of(path))
    wide = spec.model_copy(update={"music": spec.music.model_copy(update={"feature_dim": 128})})
    error = fault_of(tmp_path / "own", wide)
    assert error.field == "music.feature_dim"
    assert "makes 9" in error.reason


def test_a_saved_spec_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = saved(tmp_path / "vggish.safetensors", narrow_weights())
    spec = vggish_spec(spec_of(path, postprocess=True))
    encoder = vggish_encoder(tmp_path / "own", spec)
    assert encoder.spec == spec
    stored = json.loads((tmp_path / "own" / "encoder.json").read_text())["music"]["backbone"]
    assert VGGish.model_validate(stored) == spec.music.backbone

"""Against the reference's formulas (tensorflow/models, research/audioset/vggish), written out again in NumPy.

Axes: S windows, N samples, F spectra, K frequency bins, M mel bands, E features, C channels.
"""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch import Tensor

from app.encoders.vggish import (
    RATE_HZ,
    WINDOW_SAMPLES,
    VGGishMusic,
    VGGishNetwork,
    Whitening,
    Widths,
    postprocessed,
)
from app.encoders.vggish_loader import vggish_of
from tests.encoders.vggish_weights import NARROW, WIDTH, narrow_weights

Float64Array = NDArray[np.float64]
CPU = torch.device("cpu")

# The published constants (vggish_params.py).
PUBLISHED_RATE_HZ, PUBLISHED_FRAMES, PUBLISHED_BANDS = 16_000, 96, 64
FRAME_S, HOP_S, MEL_FROM_HZ, MEL_TO_HZ, LOG_OFFSET = 0.025, 0.010, 125.0, 7500.0, 0.01
PUBLISHED_WIDTHS = Widths((64, 128, 256, 256, 512, 512), (4096, 4096, 128))


def reference_log_mel(sound_N: Float64Array) -> Float64Array:
    """(F, M) of all the sound, spectrum by spectrum and band by band."""
    frame, hop = round(PUBLISHED_RATE_HZ * FRAME_S), round(PUBLISHED_RATE_HZ * HOP_S)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame) / frame)
    starts = range(0, len(sound_N) - frame + 1, hop)
    fft = 2 ** int(np.ceil(np.log2(frame)))
    magnitude_FK = np.array([np.abs(np.fft.rfft(window * sound_N[start : start + frame], fft)) for start in starts])
    return np.log(magnitude_FK @ reference_mel_weights(magnitude_FK.shape[1]) + LOG_OFFSET)


def reference_mel_weights(bins: int) -> Float64Array:
    def mel(hz: float) -> float:
        return float(1127.0 * np.log(1.0 + hz / 700.0))

    edges = np.linspace(mel(MEL_FROM_HZ), mel(MEL_TO_HZ), PUBLISHED_BANDS + 2)
    weights = np.zeros((bins, PUBLISHED_BANDS))
    for place in range(1, bins):  # the constant bin belongs to no band
        here = mel(place * PUBLISHED_RATE_HZ / 2 / (bins - 1))
        for band in range(PUBLISHED_BANDS):
            low, centre, high = edges[band : band + 3]
            weights[place, band] = max(0.0, min((here - low) / (centre - low), (high - here) / (high - centre)))
    return weights


def reference_embedding(picture_FM: Float64Array, weights: dict[str, Tensor]) -> Float64Array:
    """One picture through the network, channels last as TensorFlow has them."""
    shown_FMC = picture_FM[..., None]
    for number, pooled in ((0, True), (3, True), (6, False), (8, True), (11, False), (13, True)):
        kernel = weights[f"features.{number}.weight"].double().numpy()
        padded = np.pad(shown_FMC, ((1, 1), (1, 1), (0, 0)))
        patches = sliding_window_view(padded, (3, 3), axis=(0, 1))
        shown_FMC = np.einsum("fmcij,ocij->fmo", patches, kernel) + weights[f"features.{number}.bias"].double().numpy()
        shown_FMC = np.maximum(shown_FMC, 0)
        if pooled:
            height, width, channels = shown_FMC.shape
            shown_FMC = shown_FMC.reshape(height // 2, 2, width // 2, 2, channels).max(axis=(1, 3))
    flat = shown_FMC.reshape(-1)
    for number in (0, 2, 4):
        flat = weights[f"embeddings.{number}.weight"].double().numpy() @ (np.maximum(flat, 0) if number else flat)
        flat = flat + weights[f"embeddings.{number}.bias"].double().numpy()
    return np.asarray(flat)


def sine(hz: float = 1000.0, *, seconds: float = 3.0) -> Float64Array:
    return np.asarray(np.sin(2 * np.pi * hz * np.arange(round(seconds * PUBLISHED_RATE_HZ)) / PUBLISHED_RATE_HZ))


def noise(*, seed: int = 1, seconds: float = 3.0) -> Float64Array:
    return np.random.default_rng(seed).normal(0, 0.2, round(seconds * PUBLISHED_RATE_HZ))


def windows_of(sound_N: Float64Array) -> Tensor:
    """The reference's examples, 0.96 s apart, each with the sound its last spectrum reaches into; float32."""
    starts = range(0, len(sound_N) - WINDOW_SAMPLES + 1, 15_360)
    return torch.tensor(np.stack([sound_N[at : at + WINDOW_SAMPLES] for at in starts]), dtype=torch.float32)


def backbone(*, postprocess: bool = False, seed: int = 5) -> VGGishMusic:
    return vggish_of(narrow_weights(seed=seed), postprocess=postprocess, device=CPU)


def test_a_window_is_as_long_as_96_spectra_of_the_published_form_and_not_a_sample_longer() -> None:
    assert RATE_HZ == PUBLISHED_RATE_HZ
    assert reference_log_mel(np.zeros(WINDOW_SAMPLES)).shape == (PUBLISHED_FRAMES, PUBLISHED_BANDS)
    assert len(reference_log_mel(np.zeros(WINDOW_SAMPLES - 1))) == PUBLISHED_FRAMES - 1


@pytest.mark.parametrize("sound", [sine, noise, lambda: 0 * sine(), lambda: 1e-3 * noise()])
def test_log_mel_pictures_are_the_references(sound: Callable[[], Float64Array]) -> None:
    sound_N = sound().astype(np.float32).astype(np.float64)
    pictures_SFM = backbone().log_mel(windows_of(sound_N)).numpy()
    whole_FM = reference_log_mel(sound_N)
    assert pictures_SFM.shape == (3, 96, 64)
    expected_SFM = whole_FM[: 3 * PUBLISHED_FRAMES].reshape(3, PUBLISHED_FRAMES, PUBLISHED_BANDS)
    np.testing.assert_allclose(pictures_SFM, expected_SFM, atol=1e-4)


def test_a_tone_is_seen_in_the_band_around_it() -> None:
    picture_FM = backbone().log_mel(windows_of(sine(1000.0)))[0]
    edges_mel = np.linspace(1127 * np.log1p(125 / 700), 1127 * np.log1p(7500 / 700), 66)
    centres_hz = 700 * np.expm1(edges_mel[1:-1] / 1127)
    loudest = int(picture_FM.mean(dim=0).argmax())
    assert abs(centres_hz[loudest] - 1000.0) < 40
    assert picture_FM.min() == pytest.approx(np.log(0.01), abs=0.1)


def test_the_network_is_the_references_with_its_channels_last() -> None:
    weights = narrow_weights()
    picture_FM = reference_log_mel(noise()[:WINDOW_SAMPLES])
    network = VGGishNetwork(NARROW)
    network.load_state_dict({name: tensor for name, tensor in weights.items() if not name.startswith("pproc")})
    with torch.inference_mode():
        found_E = network(torch.tensor(picture_FM[None], dtype=torch.float32))[0].numpy()
    expected_E = reference_embedding(picture_FM, weights)
    assert found_E.min() < 0 < found_E.max()  # no activation at the end
    np.testing.assert_allclose(found_E, expected_E, rtol=1e-4, atol=1e-4 * np.abs(expected_E).max())


def test_the_published_network_has_72_million_weights_and_128_numbers() -> None:
    with torch.device("meta"):
        network = VGGishNetwork(PUBLISHED_WIDTHS)
        assert network(torch.empty(1, 96, 64)).shape == (1, 128)
    assert sum(tensor.numel() for tensor in network.state_dict().values()) == 72_141_184
    assert tuple(network.state_dict()["embeddings.0.weight"].shape) == (4096, 512 * 6 * 4)


def test_features_are_the_embedding_of_each_window_and_no_tempo_is_told() -> None:
    windows_SN = windows_of(noise())
    features_BSE, periodicity = backbone().measure(windows_SN[None])
    assert periodicity is None
    assert features_BSE.shape == (1, 3, WIDTH)
    weights = narrow_weights()
    for number in range(3):
        picture_FM = reference_log_mel(windows_SN[number].double().numpy())
        expected_E = reference_embedding(picture_FM, weights)
        np.testing.assert_allclose(features_BSE[0, number], expected_E, atol=1e-3 * np.abs(expected_E).max())


def test_the_bytes_are_youtube_8ms_and_the_features_what_its_readers_make_of_them() -> None:
    embeddings_SE = torch.linspace(-3, 3, 40).reshape(5, 8)
    axes, means = torch.randn(8, 8, generator=torch.manual_seed(2)), torch.linspace(-1, 1, 8)[:, None]
    found = postprocessed(embeddings_SE, Whitening(axes, means)).numpy()
    # As vggish_postprocess.py has it, then as youtube-8m's utils.Dequantize has it.
    white = (axes.double().numpy() @ (embeddings_SE.double().numpy().T - means.double().numpy())).T
    stored = ((np.clip(white, -2, 2) + 2) * (255 / 4)).astype(np.uint8)
    assert {0, 255} <= set(stored.ravel().tolist())
    np.testing.assert_allclose(found, stored * (4 / 255) + (4 / 512 - 2), atol=1e-6)


def test_postprocessing_is_applied_where_it_is_asked_for() -> None:
    windows_BSN = windows_of(noise())[None]
    plain, processed = backbone().measure(windows_BSN)[0], backbone(postprocess=True).measure(windows_BSN)[0]
    weights = narrow_weights()
    whitening = Whitening(weights["pproc.pca_eigen_vectors"], weights["pproc.pca_means"])
    torch.testing.assert_close(processed[0], postprocessed(plain[0], whitening))
    assert not torch.allclose(plain, processed)


def test_a_track_has_the_same_features_whatever_else_is_in_the_batch() -> None:
    batch_BSN = torch.stack([windows_of(noise(seed=seed)) for seed in range(9)])
    music = backbone(postprocess=True)
    for size in (2, 5, 9):
        features_BSE, _ = music.measure(batch_BSN[:size])
        for number in range(size):
            torch.testing.assert_close(
                features_BSE[number], music.measure(batch_BSN[number][None])[0][0], rtol=0, atol=0
            )


def test_many_windows_go_through_in_parts() -> None:
    windows_SN = windows_of(noise(seconds=68.0))
    assert len(windows_SN) == 70
    features_SE = backbone().measure(windows_SN[None])[0][0]
    alone_SE = torch.cat([backbone().measure(windows_SN[number][None, None])[0][0] for number in (0, 31, 32, 69)])
    torch.testing.assert_close(features_SE[[0, 31, 32, 69]], alone_SE, rtol=1e-4, atol=1e-4)


def test_everything_is_computed_on_the_device_asked_for() -> None:
    # The meta device computes shapes only, and refuses tensors that lie on the processor, as CUDA does.
    meta = torch.device("meta")
    music = vggish_of(narrow_weights(), postprocess=True, device=meta)
    features_BSE, _ = music.measure(torch.empty(2, 3, WINDOW_SAMPLES, device=meta))
    assert features_BSE.device == meta
    assert features_BSE.shape == (2, 3, WIDTH)

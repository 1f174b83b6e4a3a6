import numpy as np
import pytest

from training.procedural.spectra import power_spectra


def test_every_block_has_the_powers_that_numpy_finds() -> None:
    blocks = np.random.default_rng(0).standard_normal((3, 5, 64)).astype(np.float32)
    expected = np.abs(np.fft.rfft(blocks)) ** 2
    np.testing.assert_allclose(power_spectra(blocks), expected, rtol=1e-4, atol=1e-4)


def test_blocks_cut_out_of_sound_need_not_lie_in_one_piece() -> None:
    sound = np.random.default_rng(1).standard_normal(640).astype(np.float32)
    blocks = sound.reshape(10, 64)[::3]
    np.testing.assert_array_equal(power_spectra(blocks), power_spectra(blocks.copy()))


@pytest.mark.parametrize("shape", [(0, 64), (2, 0, 64)])
def test_no_blocks_have_no_spectra(shape: tuple[int, ...]) -> None:
    assert power_spectra(np.zeros(shape, np.float32)).shape == (*shape[:-1], 33)

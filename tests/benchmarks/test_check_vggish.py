from pathlib import Path

import numpy as np
import pytest

from benchmarks import check_vggish
from tests.encoders.vggish_weights import narrow_weights, saved


def test_other_weights_than_the_published_ones_are_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path / "own.safetensors", narrow_weights())
    monkeypatch.setattr("sys.argv", ["check_vggish", str(path)])
    assert check_vggish.main() == 1
    shown = capsys.readouterr().out
    assert "| embeddings: deviation | " in shown
    assert "| post-processed bytes: mean | " in shown
    assert "**no**" in shown


def test_without_whitening_only_the_embeddings_are_compared() -> None:
    assert len(check_vggish.findings(narrow_weights(with_whitening=False))) == 2


@pytest.mark.parametrize(("share", "is_met"), [(1.0, True), (1.09, True), (1.12, False), (0.88, False)])
def test_figures_within_a_tenth_of_the_published_ones_pass(share: float, is_met: bool) -> None:
    values = np.array([1.0, 3.0], np.float32) * np.float32(share)
    assert [finding.met for finding in check_vggish.compared("x", values, (2.0, 1.0))] == [is_met, is_met]

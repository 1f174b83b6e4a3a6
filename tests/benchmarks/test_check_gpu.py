import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.encoders.checkpoint import load_checkpoint, save_checkpoint
from app.encoders.encoder import Encoder
from benchmarks import check_gpu
from tests.encoders.checkpoints import small_model, small_spec


def encoder_of(folder: Path, seed: int) -> Encoder:
    spec = small_spec()
    save_checkpoint(folder, spec, small_model(spec, seed=seed))
    return load_checkpoint(folder, "cpu")


def test_without_a_gpu_it_says_that_nothing_was_checked() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.check_gpu"],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 2
    assert "nothing was checked" in answer.stderr


@pytest.mark.parametrize(("other_seed", "is_met"), [(0, True), (1, False)])
def test_embeddings_that_differ_are_found_and_like_ones_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other_seed: int, is_met: bool
) -> None:
    monkeypatch.setattr(check_gpu, "ITEMS", 2)
    monkeypatch.setattr(check_gpu, "ROUNDS", 1)
    here, there = encoder_of(tmp_path / "here", 0), encoder_of(tmp_path / "there", other_seed)
    works = check_gpu.works_of(here)
    assert works.keys() == {"videos", "videos with words", "tracks"}
    for name, embed in works.items():
        assert check_gpu.compared(name, embed, here=here, there=there)[0].met is is_met

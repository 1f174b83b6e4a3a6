import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from app.domain import Brief, FramePlan, Frames, Motion, SoundMaterial, SoundPlan, VideoMaterial
from training import procedural_pairs
from training.measured_with import measured_by, measured_with
from training.pair_set_reader import open_pair_set
from training.preparation import require_fitting
from training.procedural_pairs import Shard, digest_of_making, make_shard, procedural_pair_set
from training.run_config import ProceduralPairs
from training.starter_runs import starter_encoder

WANTED = ProceduralPairs(train=2, validation=1, test=1, first_seed=70)


@dataclass(frozen=True)
class NoisePair:
    video: VideoMaterial
    sound: SoundMaterial
    briefs: tuple[Brief, ...]


def noise_pair(seed: int, *, frame_plan: FramePlan, sound_plan: SoundPlan) -> NoisePair:
    """Stands in for a drawn scene, which takes a hundred times as long."""
    rng = np.random.default_rng(seed)
    times = np.arange(frame_plan.instants, dtype=np.float32)
    rgb = rng.integers(0, 255, (frame_plan.instants, frame_plan.height, frame_plan.width, 3), np.uint8)
    windows = (rng.normal(size=(sound_plan.windows, sound_plan.window_samples)) / 9).astype(np.float32)
    starts = np.arange(sound_plan.windows, dtype=np.float32)
    return NoisePair(
        video=VideoMaterial(32.0, Frames(rgb, times), Motion((times[:8] / 10).astype(np.float32), times[:8])),
        sound=SoundMaterial(16.0, windows, starts, sound_plan.rate_hz, -20.0),
        briefs=(Brief(None if seed == 71 else f"number {seed}", ("noise", "seed")), Brief(None, ("more noise",))),
    )


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Shards of two pairs of noise, made here one after the other; the list tells which were made."""
    made: list[int] = []

    def make_here(shards: list[Shard], encoder: object) -> list[int]:
        missing = [shard for shard in shards if not shard.path.exists()]
        made.extend(shard.first_seed for shard in missing)
        return [make_shard(shard, starter_encoder()) for shard in missing]

    monkeypatch.setattr(procedural_pairs, "SHARD_PAIRS", 2)
    monkeypatch.setattr(procedural_pairs, "_make_missing", make_here)
    monkeypatch.setattr(procedural_pairs, "draw_pair", noise_pair)
    return made


def test_the_pair_set_fits_the_encoder_it_was_made_for(in_this_process: list[int], tmp_path: Path) -> None:
    counts: list[int] = []
    pairs = open_pair_set(procedural_pair_set(WANTED, starter_encoder(), root=tmp_path, on_pairs=counts.append))
    require_fitting(pairs, starter_encoder())
    assert measured_with(pairs) == measured_by(starter_encoder())
    assert [item.split for item in pairs.items] == ["train", "train", "validation", "test"]
    assert [item.id for item in pairs.items] == [f"procedural-{seed}" for seed in (70, 71, 72, 73)]
    assert sum(counts) == 4
    assert pairs.streams["title"].lengths(np.arange(4)).tolist() == [1, 0, 1, 1]
    assert pairs.streams["keywords"].lengths(np.arange(4)).tolist() == [2, 2, 2, 2]
    assert [item.title for item in pairs.items] == ["number 70", None, "number 72", "number 73"]
    assert {item.keywords for item in pairs.items} == {("noise", "seed")}
    assert [path.name for path in tmp_path.iterdir()] == [pairs.name]


def test_an_unchanged_set_is_used_again(in_this_process: list[int], tmp_path: Path) -> None:
    first = procedural_pair_set(WANTED, starter_encoder(), root=tmp_path, on_pairs=lambda count: None)
    in_this_process.clear()
    counts: list[int] = []
    assert procedural_pair_set(WANTED, starter_encoder(), root=tmp_path, on_pairs=counts.append) == first
    assert in_this_process == []
    assert counts == [4]


def test_a_broken_off_making_goes_on_where_it_stopped_and_comes_to_the_same(
    in_this_process: list[int], tmp_path: Path
) -> None:
    whole = procedural_pair_set(WANTED, starter_encoder(), root=tmp_path / "whole", on_pairs=lambda count: None)
    shards = tmp_path / "broken" / f"{whole.name}.shards"
    shards.mkdir(parents=True)
    make_shard(Shard(shards / "0000000.npz", first_seed=70, count=2), starter_encoder())
    in_this_process.clear()
    again = procedural_pair_set(WANTED, starter_encoder(), root=tmp_path / "broken", on_pairs=lambda count: None)
    assert in_this_process == [72]
    for name in sorted(path.name for path in whole.iterdir()):
        assert (again / name).read_bytes() == (whole / name).read_bytes()


def test_the_name_changes_with_all_that_decides_the_pairs() -> None:
    encoder = starter_encoder()
    louder = encoder.music.sampling.model_copy(update={"windows": 17})
    other_encoder = encoder.model_copy(update={"music": encoder.music.model_copy(update={"sampling": louder})})
    wider = encoder.model_copy(update={"embedding_dim": 64})
    first = digest_of_making(WANTED, encoder)
    assert digest_of_making(WANTED, wider) == first
    others = [digest_of_making(replace(WANTED, first_seed=71), encoder), digest_of_making(WANTED, other_encoder)]
    assert len({first, *others}) == 3


def test_a_process_of_its_own_makes_what_would_be_made_here(tmp_path: Path) -> None:
    wanted = ProceduralPairs(train=1, validation=0, test=0, first_seed=70)
    threads = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    pairs = open_pair_set(procedural_pair_set(wanted, starter_encoder(), root=tmp_path, on_pairs=lambda count: None))
    assert {name: os.environ.get(name) for name in threads} == threads
    here = Shard(tmp_path / "here.npz", first_seed=70, count=1)
    make_shard(here, starter_encoder())
    with np.load(here.path) as made:
        np.testing.assert_array_equal(pairs.streams["video"].rows, made["video"].reshape(-1, made["video"].shape[-1]))
        np.testing.assert_array_equal(pairs.streams["music"].rows, made["music"].reshape(-1, made["music"].shape[-1]))

import numpy as np
import pytest
import torch

from benchmarks.made_up_pairs import write_pairs
from benchmarks.plain_pairs import PlainPairs, plain_batches
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set

STEPS = 4


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> PairSet:
    return open_pair_set(write_pairs(tmp_path_factory.mktemp("plain") / "pairs", counts={"train": 10}, rows=9))


def test_the_rival_takes_the_same_steps_and_values_as_the_pair_set(pairs: PairSet) -> None:
    items = pairs.items_of("train")
    plain = PlainPairs(pairs.folder, items, steps=STEPS, is_random=False)
    for name, side in (("video", 0), ("music", 1)):
        stream = pairs.streams[name]
        expected = torch.from_numpy(stream.values(stream.picks(items, STEPS)))
        assert torch.allclose(torch.stack([plain[index][side] for index in range(len(plain))]), expected, atol=1e-6)


def test_in_training_the_rival_draws_a_row_of_each_segment(pairs: PairSet) -> None:
    stream = pairs.streams["music"]
    plain = PlainPairs(pairs.folder, pairs.items_of("train"), steps=3, is_random=True)
    segments = stream.values(np.arange(stream.offsets[2], stream.offsets[3])).reshape(3, 3, -1)
    seen = set()
    for _ in range(20):
        for segment, step in zip(segments, plain[2][1].numpy(), strict=True):
            found = np.flatnonzero(np.isclose(segment, step, atol=1e-6).all(axis=1))
            assert len(found) == 1
            seen.add(int(found[0]))
    assert seen == {0, 1, 2}


def test_the_rival_makes_whole_batches_in_random_order(pairs: PairSet) -> None:
    plain = PlainPairs(pairs.folder, pairs.items_of("train"), steps=STEPS, is_random=False)
    torch.manual_seed(0)
    epochs = [list(plain_batches(plain, size=4, device=torch.device("cpu"))) for _ in range(2)]
    assert [[tuple(side.shape) for side in batch] for batch in epochs[0]] == [[(4, STEPS, 1024), (4, STEPS, 128)]] * 2
    assert not torch.equal(epochs[0][0][0], epochs[1][0][0])

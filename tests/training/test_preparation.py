from pathlib import Path

import numpy as np
import pytest

from app.encoders.backbone_specs import HashedText
from tests.training.pairs_at_random import tiny_encoder, write_random_pairs
from training.errors import PairSetError
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.preparation import require_enough, require_fitting, standardised


@pytest.fixture
def pairs(tmp_path: Path) -> PairSet:
    return open_pair_set(write_random_pairs(tmp_path / "pairs"))


def test_fewer_pairs_than_a_batch_are_refused(pairs: PairSet) -> None:
    require_enough(pairs.items_of("train"), pairs.items_of("validation"), batch_pairs=4)
    with pytest.raises(PairSetError, match="only 4 in 'train'"):
        require_enough(pairs.items_of("train"), pairs.items_of("validation"), batch_pairs=5)


def test_nothing_to_validate_on_is_refused(pairs: PairSet) -> None:
    with pytest.raises(PairSetError, match="only 0 in 'validation'"):
        require_enough(pairs.items_of("train"), np.empty(0, np.int64), batch_pairs=4)


def test_an_encoder_of_another_feature_space_is_refused(pairs: PairSet) -> None:
    spec = tiny_encoder()
    require_fitting(pairs, spec)
    other = HashedText(name="hashed-text", version=1, word_buckets=2, ngram_buckets=2)
    assert spec.text is not None
    spec = spec.model_copy(update={"text": spec.text.model_copy(update={"backbone": other})})
    with pytest.raises(PairSetError) as caught:
        require_fitting(pairs, spec)
    assert (caught.value.file, caught.value.field) == ("pairs.json", "streams.title.space")


def test_an_item_without_music_is_named(tmp_path: Path) -> None:
    folder = write_random_pairs(tmp_path / "pairs")
    offsets = np.load(folder / "music_offsets.npy")
    offsets[3] = offsets[2]
    np.save(folder / "music_offsets.npy", offsets)
    with pytest.raises(PairSetError) as caught:
        require_fitting(open_pair_set(folder), tiny_encoder())
    assert (caught.value.file, caught.value.item) == ("music_offsets.npy", "item-2")


def test_mean_and_deviation_of_the_training_items_go_into_the_spec(pairs: PairSet) -> None:
    spec = standardised(tiny_encoder(), pairs, pairs.items_of("train"), limit=3.0)
    rows = pairs.streams["music"].rows[: 4 * 8]
    assert spec.music.standardisation is not None
    assert spec.music.standardisation.mean == pytest.approx(rows.mean(axis=0).tolist(), rel=1e-5)
    assert spec.music.standardisation.deviation == pytest.approx(rows.std(axis=0).tolist(), rel=1e-4)
    assert standardised(tiny_encoder(), pairs, pairs.items_of("train"), limit=None) == tiny_encoder()

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.encoders.backbone_specs import HashedText
from tests.training.pairs_at_random import (
    captioned_design,
    image_design,
    tiny_encoder,
    write_captioned_pairs,
    write_labelled_images,
    write_random_pairs,
)
from training.design import WordsDesign, design_of
from training.errors import PairSetError
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.preparation import (
    completed,
    label_table,
    require_enough,
    require_fitting,
    require_space,
    require_spec,
)

DESIGN = design_of(tiny_encoder())


@pytest.fixture
def pairs(tmp_path: Path) -> PairSet:
    return open_pair_set(write_random_pairs(tmp_path / "pairs"))


def without_rows(folder: Path, stream: str, item: int) -> PairSet:
    """The set with the item's rows given to the one after it."""
    offsets = np.load(folder / f"{stream}_offsets.npy")
    offsets[item + 1] = offsets[item]
    np.save(folder / f"{stream}_offsets.npy", offsets)
    return open_pair_set(folder)


def test_fewer_pairs_than_a_batch_are_refused(pairs: PairSet) -> None:
    require_enough(pairs.items_of("train"), pairs.items_of("validation"), batch_pairs=4)
    with pytest.raises(PairSetError, match="only 4 in 'train'"):
        require_enough(pairs.items_of("train"), pairs.items_of("validation"), batch_pairs=5)


def test_nothing_to_validate_on_is_refused(pairs: PairSet) -> None:
    with pytest.raises(PairSetError, match="only 0 in 'validation'"):
        require_enough(pairs.items_of("train"), np.empty(0, np.int64), batch_pairs=4)
    # A run that keeps its last epoch whatever it came to has no use for it.
    require_enough(pairs.items_of("train"), np.empty(0, np.int64), batch_pairs=4, chooses=False)


def test_an_encoder_of_another_feature_space_is_refused(pairs: PairSet) -> None:
    spec = tiny_encoder()
    require_fitting(pairs, spec)
    other = HashedText(name="hashed-text", version=1, word_buckets=2, ngram_buckets=2)
    assert spec.text is not None
    spec = spec.model_copy(update={"text": spec.text.model_copy(update={"backbone": other})})
    with pytest.raises(PairSetError) as caught:
        require_fitting(pairs, spec)
    assert (caught.value.file, caught.value.field) == ("pairs.json", "streams.title.space")


def test_a_space_of_another_width_is_refused_with_both_named(pairs: PairSet) -> None:
    require_space(pairs, "video", "signal-video:1", 6)
    with pytest.raises(PairSetError, match="is signal-video:1, 6 wide, where signal-video:1, 7 wide, is needed"):
        require_space(pairs, "video", "signal-video:1", 7)


@pytest.mark.parametrize("stream", ["video", "music"])
def test_a_side_whose_stream_is_missing_is_refused(pairs: PairSet, stream: str) -> None:
    fewer = replace(pairs, streams={name: kept for name, kept in pairs.streams.items() if name != stream})
    with pytest.raises(PairSetError, match="is missing") as caught:
        completed(DESIGN, fewer, fewer.items_of("train"), limit=None)
    assert (caught.value.file, caught.value.field) == ("pairs.json", f"streams.{stream}")


def test_words_whose_streams_are_of_two_spaces_are_refused(pairs: PairSet) -> None:
    title = pairs.streams["title"]
    other = replace(title, name="keywords", form=replace(title.form, space="hashed-text:1:2+2"))
    mixed = replace(pairs, streams={**pairs.streams, "keywords": other})
    with pytest.raises(PairSetError) as caught:
        completed(DESIGN, mixed, mixed.items_of("train"), limit=None)
    assert caught.value.field == "streams.keywords.space"


def test_an_item_without_music_is_named(tmp_path: Path) -> None:
    pairs = without_rows(write_random_pairs(tmp_path / "pairs"), "music", 2)
    with pytest.raises(PairSetError) as caught:
        completed(DESIGN, pairs, pairs.items_of("train"), limit=None)
    assert (caught.value.file, caught.value.item) == ("music_offsets.npy", "item-2")


def test_a_trained_model_refuses_an_item_without_video_too(tmp_path: Path) -> None:
    folder = write_random_pairs(tmp_path / "pairs")
    pairs = open_pair_set(folder)
    spec = completed(DESIGN, pairs, pairs.items_of("train"), limit=None)
    require_spec(pairs, spec)
    with pytest.raises(PairSetError) as caught:
        require_spec(without_rows(folder, "video", 0), spec)
    assert (caught.value.file, caught.value.item) == ("video_offsets.npy", "item-0")


def test_a_trained_model_refuses_pairs_without_its_words(pairs: PairSet) -> None:
    spec = completed(DESIGN, pairs, pairs.items_of("train"), limit=None)
    silent = replace(pairs, streams={name: kept for name, kept in pairs.streams.items() if name != "keywords"})
    with pytest.raises(PairSetError) as caught:
        require_spec(silent, spec)
    assert caught.value.field == "streams.keywords"


def test_mean_and_deviation_of_the_training_items_go_into_the_spec(pairs: PairSet) -> None:
    spec = completed(DESIGN, pairs, pairs.items_of("train"), limit=3.0)
    rows = pairs.streams["music"].rows[: 4 * 8]
    assert spec.target.standardisation is not None
    assert spec.target.standardisation.limit == 3.0
    assert spec.target.standardisation.mean == pytest.approx(rows.mean(axis=0).tolist(), rel=1e-5)
    assert spec.target.standardisation.deviation == pytest.approx(rows.std(axis=0).tolist(), rel=1e-4)
    unlimited = completed(DESIGN, pairs, pairs.items_of("train"), limit=None)
    assert (unlimited.query.standardisation, unlimited.target.standardisation) == (None, None)


def test_what_the_pair_set_says_completes_the_design(pairs: PairSet) -> None:
    spec = completed(DESIGN, pairs, pairs.items_of("train"), limit=None)
    assert (spec.query.modality, spec.query.space, spec.query.feature_dim) == ("video", "signal-video:1", 6)
    assert (spec.target.modality, spec.target.space, spec.target.feature_dim) == ("music", "signal-music:1", 5)
    assert spec.words is not None
    assert (spec.words.space, spec.words.feature_dim) == ("hashed-text:1:3+1", 4)


def test_a_text_side_has_one_step_no_standardisation_and_may_lack_captions(tmp_path: Path) -> None:
    pairs = open_pair_set(write_captioned_pairs(tmp_path / "captioned"))
    spec = completed(captioned_design(), pairs, pairs.items_of("train"), limit=4.0)
    require_spec(pairs, spec)
    assert (spec.target.steps, spec.target.standardisation) == (1, None)
    assert spec.query.steps == 4
    assert spec.query.standardisation is not None


def test_words_alone_may_be_missing_from_every_item(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", with_words=False))
    wordless = replace(DESIGN, words=None)
    assert completed(wordless, pairs, pairs.items_of("train"), limit=None).words is None
    with pytest.raises(PairSetError, match=r"streams\.title: is missing"):
        completed(replace(DESIGN, words=WordsDesign(("title",), 2, "hidden")), pairs, np.arange(4), limit=None)


def test_labels_are_those_that_occur_among_the_named_items(tmp_path: Path) -> None:
    pairs = open_pair_set(write_labelled_images(tmp_path / "images"))
    assert label_table(pairs, np.arange(12)).tolist() == (np.tile(np.eye(3), (4, 1))).tolist()
    # Of kinds 0 and 1 alone; an item of another kind has none of them.
    assert label_table(pairs, np.array([0, 1]))[:3].tolist() == [[1, 0], [0, 1], [0, 0]]


def test_a_classification_without_labels_is_refused(pairs: PairSet) -> None:
    with pytest.raises(PairSetError) as caught:
        label_table(pairs, pairs.items_of("train"))
    assert (caught.value.file, caught.value.field) == ("items.jsonl", "labels")


def test_one_tower_may_take_both_sides_of_one_stream(tmp_path: Path) -> None:
    pairs = open_pair_set(write_labelled_images(tmp_path / "images"))
    spec = completed(image_design(), pairs, pairs.items_of("train"), limit=4.0)
    assert spec.shared
    assert spec.query == spec.target

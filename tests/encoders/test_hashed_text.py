import subprocess
import sys

import numpy as np
import pytest
import torch

from app.encoders.hashed_text import HashedText, words_of
from tests.encoders.checkpoints import cosines, small_model, small_spec

# None of these begins like any of the others.
TRAINED_WORDS = words_of(
    """calm fast neon city forest ocean wedding travel drone night sunrise battle happy gloomy snow desert dance robot
    kitchen street mountain river children festival horror comedy vintage minimal epic lonely romantic storm fire
    garden market subway skate surf climb family winter autumn summer spring space galaxy underwater jungle castle"""
)
UNSEEN_WORDS = words_of(
    """accounting bicycle cucumber dentist elevator furniture giraffe hydrogen invoice jacket keyboard lemonade magnet
    napkin oxygen pancake quarrel rhubarb scissors tractor umbrella violet walrus xylophone yoghurt zeppelin algebra
    butter cheese donkey envelope fraction goblet helmet insect juggler kettle lizard muffin needle opera pebble quilt
    radish saddle turnip urchin vinegar walnut yodel"""
)


@pytest.fixture(scope="module")
def backbone() -> HashedText:
    return HashedText(word_buckets=6144, ngram_buckets=2048)


def test_texts_become_unit_vectors(backbone: HashedText) -> None:
    vectors = backbone.vectors(["racing through the city", "neon", "Grüße aus Köln"])
    assert vectors.shape == (3, 8192)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("text", ["", "  ", "!?… — _"])
def test_a_text_without_words_is_a_row_of_zeros(backbone: HashedText, text: str) -> None:
    assert not backbone.vectors([text]).any()


def test_case_width_accents_forms_and_apostrophes_make_no_difference() -> None:
    assert words_of("ＣＩＴＹ Straße") == ["city", "strasse"]
    assert words_of("Cafe\u0301 CAFÉ") == ["café", "café"]
    assert words_of("Don't stop, l’été!") == ["dont", "stop", "lété"]
    assert words_of("snake_case 4K") == ["snake", "case", "4k"]


def test_scripts_without_spaces_and_emoji_are_taken_character_by_character() -> None:
    assert words_of("東京の夜 night🔥🌊") == ["東", "京", "の", "夜", "night", "🔥", "🌊"]
    assert words_of("한국 노래") == ["한국", "노래"]


def test_the_word_weighs_more_than_its_beginnings(backbone: HashedText) -> None:
    racing, calm, sea = np.square(backbone.vectors(["racing", "calm", "sea"]))
    assert racing[:6144].sum() == pytest.approx(8 / 9)
    assert racing[6144:].sum() == pytest.approx(1 / 9)
    assert calm[6144:].sum() == pytest.approx(1 / 5)
    assert sea[6144:].sum() == 0


def test_inflected_forms_are_a_little_alike_and_other_words_are_not(backbone: HashedText) -> None:
    races, racer, ocean = backbone.vectors(["races", "racer", "ocean"])
    assert races @ racer > 0.05
    assert abs(races @ ocean) < 0.01


def test_order_does_not_matter_and_repetition_matters_less_each_time(backbone: HashedText) -> None:
    one, other, repeated = backbone.vectors(["calm sea", "sea calm", "calm calm calm calm sea"])
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert 0.9 < one @ repeated < 0.99


def test_another_process_hashes_the_same_way(backbone: HashedText) -> None:
    program = (
        "from app.encoders.hashed_text import HashedText\n"
        "text = HashedText(word_buckets=6144, ngram_buckets=2048)\n"
        "print(text.vectors(['Night drive 東京'])[0].nonzero()[0].tolist())"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == str(backbone.vectors(["Night drive 東京"])[0].nonzero()[0].tolist())


def test_buckets_never_move() -> None:
    # A stored checkpoint depends on them; a change needs a new version of the space.
    vector = HashedText(word_buckets=64, ngram_buckets=32).vectors(["night"])[0]
    assert {int(bucket): round(float(vector[bucket]), 4) for bucket in vector.nonzero()[0]} == {
        51: -0.8944,
        92: -0.4472,
    }


def test_a_word_never_seen_in_training_gives_nearly_the_no_text_answer(backbone: HashedText) -> None:
    model = small_model(small_spec())
    assert model.text_state is not None
    # As after training: only the buckets of training's words hold anything.
    seen_E = torch.from_numpy(backbone.vectors(TRAINED_WORDS) != 0).any(dim=0)
    model.text_state.reduce.weight.data *= seen_E
    video_1TE = torch.randn(1, 6, small_spec().video.feature_dim, generator=torch.Generator().manual_seed(4))

    def likeness_to_no_text(words: list[str]) -> np.ndarray:
        text_BE = torch.from_numpy(backbone.vectors(words))
        with torch.no_grad():
            with_text = model.embed_query(video_1TE.expand(len(words), -1, -1), text_BE)
            return cosines(with_text.numpy(), model.embed_query(video_1TE).numpy())

    assert np.quantile(likeness_to_no_text(TRAINED_WORDS), 0.9) < 0.9
    unseen = likeness_to_no_text(UNSEEN_WORDS)
    assert (unseen >= 0.98).mean() >= 0.9
    assert np.median(unseen) >= 0.9999

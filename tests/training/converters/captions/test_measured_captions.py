from pathlib import Path

import numpy as np
import torch

from app.encoders.clip_loader import ClipLoader, import_open_clip
from app.encoders.hashed_text import HashedText
from tests.encoders.tiny_clip import WIDTH as CLIP_WIDTH
from tests.training.converters.captions.conftest import CLIP_NAME
from tests.training.converters.captions.sides import rows_of
from training.converters.captions.backbone_arguments import text_backbone
from training.converters.captions.captioned_set import CaptionedItem
from training.converters.captions.jobs import Taken
from training.converters.captions.measured_captions import MeasuredCaptions, measured_captions


def side(named: str) -> MeasuredCaptions:
    clips = ClipLoader(Path("unused"), device=torch.device("cpu"), cache_dir=None)
    return measured_captions(text_backbone(named), clips, device="cpu")


def taken(named: str, *captions: str) -> Taken:
    return side(named).open()(CaptionedItem("a", ("a",), captions, "train"))


def test_every_caption_is_a_row_in_order_and_twice_where_it_is_given_twice() -> None:
    captions = ["A man walks.", "a dog", "A man walks."]
    found = taken("hashed-text:512+256", *captions)
    expected = HashedText(word_buckets=512, ngram_buckets=256).vectors(captions)
    np.testing.assert_array_equal(rows_of(found), expected)
    assert found.left_out == ()


def test_captions_through_clip_are_open_clips_own_vectors(clip_named: str) -> None:
    captions = ["A man walks, slowly.", " a dog "]
    found = taken(f"clip-text:{clip_named}", *captions)
    open_clip = import_open_clip()
    model, _ = open_clip.create_model_from_pretrained(CLIP_NAME, clip_named.rpartition(":")[2])
    tokens = open_clip.get_tokenizer(CLIP_NAME)(["A man walks, slowly.", "a dog"])
    with torch.no_grad():
        expected = model.eval().encode_text(tokens, normalize=True).numpy()
    np.testing.assert_allclose(rows_of(found), expected, atol=1e-5)
    assert side(f"clip-text:{clip_named}").plan.form.dim == CLIP_WIDTH


def test_empty_and_wordless_captions_lose_their_row_and_are_told() -> None:
    found = taken("hashed-text", "", "a dog", "…!", " \n")
    assert rows_of(found).shape == (1, 8192)
    assert [(left.reason, left.detail) for left in found.left_out] == [
        ("empty_caption", "number 1"),
        ("empty_caption", "number 4"),
        ("caption_without_words", "…!"),
    ]


def test_an_item_without_any_words_is_left_out() -> None:
    for captions in (["", " "], ["…"]):
        found = taken("hashed-text", *captions)
        assert found.rows is None
        assert found.left_out[-1].reason == "no_captions"


def test_the_stream_says_what_its_rows_are() -> None:
    form = side("hashed-text:512+256").plan.form
    assert (form.modality, form.space, form.dim) == ("text", "hashed-text:1:512+256", 768)
    assert form.steps == "one a caption"

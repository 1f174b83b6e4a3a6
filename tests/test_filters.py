from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.filters import Shaping, TrackFilter, folded, key_of, words_of

WANTED = TrackFilter(genre=("Jazz", "folk"), bpm_min=80, vocals=False, added_after=datetime(2026, 1, 1, tzinfo=UTC))
SHAPING = Shaping(per_artist=2, text_weight=0.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Night Drive", ("night", "drive")),
        ("Lo-Fi / hip_hop", ("lo", "fi", "hip", "hop")),
        ("R&B, drum'n'bass", ("r", "b", "drum", "n", "bass")),
        ("Café ＮＥＯＮ naïve", ("cafe", "neon", "naive")),
        ("Straße 3.14", ("strasse", "3", "14")),
        ("夜 ナイト が", ("夜", "ナイト", "が")),
        ("हिन्दी संगीत", ("हिन्दी", "संगीत")),
        ("தமிழ் ดนตรี", ("தமிழ்", "ดนตรี")),
        ("שָׁלוֹם مُوسِيقَى Ёлка", ("שלום", "موسيقى", "елка")),
        ("می\u200cخواهم ❤\ufe0f", ("میخواهم",)),
        (" - … !", ()),
        ("", ()),
    ],
)
def test_the_words_of_a_text_are_folded_runs_of_letters_and_digits(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


def test_words_do_not_change_when_they_are_taken_apart_again() -> None:
    for text in ("Lo-Fi / hip_hop", "Café ＮＥＯＮ", "İstanbul", "ﬁre ½", "हिन्दी संगीत", "가나다"):
        assert words_of(" ".join(words_of(text))) == words_of(text)


def test_case_accents_width_and_blanks_do_not_count() -> None:
    assert folded("  Ärger\u00a0ＮＥＯＮ ") == folded("arger neon")


def test_marks_that_make_another_letter_count() -> None:
    assert folded("か") != folded("が")
    assert folded("कि") != folded("का")


def test_the_same_filters_have_one_name_however_they_are_written() -> None:
    elsewhere = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    other = replace(WANTED, genre=("FOLK", " jazz ", "folk"), added_after=elsewhere)
    assert key_of(other, SHAPING) == key_of(WANTED, SHAPING)


def test_other_filters_and_other_shapings_have_other_names() -> None:
    others = [
        (replace(WANTED, genre=("Jazz",)), SHAPING),
        (replace(WANTED, genre=(), mood=("jazz", "folk")), SHAPING),
        (replace(WANTED, bpm_min=None, bpm_max=80), SHAPING),
        (replace(WANTED, vocals=None), SHAPING),
        (WANTED, Shaping(per_artist=2)),
        (WANTED, Shaping(per_artist=None, text_weight=0.5)),
    ]
    names = {key_of(*other) for other in [*others, (WANTED, SHAPING)]}
    assert len(names) == len(others) + 1
    assert all(len(name) == 64 for name in names)


def test_an_empty_filter_is_empty() -> None:
    assert TrackFilter().is_empty()
    assert not replace(TrackFilter(), explicit=False).is_empty()
    assert WANTED.given() == ("genre", "bpm_min", "vocals", "added_after")

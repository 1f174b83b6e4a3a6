"""The published figures against the paper's own tables, typed by hand."""

import pytest

from training.experiments.published import CAPTIONS, FIGURE_4_CLOTHO, TABLE_1, TABLE_2A, TABLE_2B, TABLE_4

# Table I, of 1000: biLSTM(II-CLVM)(FD) 7.5 % 31.6 % 49.8 %, biLSTM(CLVM)(GS) 18.4 % 54.0 % 70.2 %.
TYPED_1 = {"biLSTM (II-CLVM) FD": (7.5, 31.6, 49.8), "biLSTM (CLVM) GS": (18.4, 54.0, 70.2)}
# Table II (a), of 1024 and of 1000.
TYPED_2A = {
    "CME": ((10.2, 40.3, None), (None, None, None)),
    "CBVMR": ((None, None, None), (8.2, 23.3, 35.7)),
    "GCN (II-CLVM)": ((5.6, 26.1, 42.7), (4.8, 24.4, 40.9)),
    "Att (II-CLVM)": ((10.4, 28.6, 56.0), (11.4, 42.5, 58.8)),
    "biLSTM (II-CLVM)": ((20.5, 56.1, 69.6), (22.1, 55.1, 70.4)),
}
# Table II (b).
TYPED_2B = {
    "CME": ((9.8, 39.6, None), (None, None, None)),
    "CBVMR": ((None, None, None), (8.9, 25.2, 37.9)),
    "biLSTM (CLVM)": ((18.5, 52.2, 67.8), (19.9, 53.9, 67.3)),
    "biLSTM (II-CLVM)": ((21.3, 53.5, 69.7), (20.7, 54.9, 69.9)),
}
# Table IV.
TYPED_4 = {
    "II-CLTM (title)": (7.0, 18.9, 26.9),
    "CLVM": (16.6, 49.0, 65.4),
    "II-CLVTM (keyword)": (22.2, 56.6, 74.0),
    "II-CLVTM (title)": (23.1, 60.4, 75.8),
}
# Tables VI, VII and VIII: medium to text without and with the intra loss, then text to medium.
TYPED_CAPTIONS = [
    ("clotho", "PANNs, CLIP-text", (9.0, 13.5, 7.9, 11.5)),
    ("mscoco", "BLIP-image, BLIP-text", (65.3, 65.8, 50.3, 51.7)),
    ("flickr30k", "ViT-B/32, BERT", (28.6, 30.7, 20.8, 22.7)),
    ("msvd", "BLIP-image, BLIP-text", (33.2, 38.7, 26.7, 28.1)),
    ("msrvtt", "VidSwin, CLIP-text", (22.3, 22.6, 22.8, 23.7)),
    ("vatex", "CLIP-ViT, CLIP-text", (28.1, 29.5, 21.5, 22.3)),
]


def test_tables_of_video_and_music_have_the_papers_figures() -> None:
    assert {row: TABLE_1[row] for row in TYPED_1} == TYPED_1
    assert {row: TABLE_2A[row] for row in TYPED_2A} == TYPED_2A
    assert TABLE_2B == TYPED_2B
    assert {row: TABLE_4[row] for row in TYPED_4} == TYPED_4
    assert (len(TABLE_1), len(TABLE_2A), len(TABLE_4)) == (4, 10, 10)


def test_global_sparse_sampling_of_1000_stands_alike_in_two_tables() -> None:
    for loss in ("CLVM", "II-CLVM"):
        assert TABLE_1[f"biLSTM ({loss}) GS"] == TABLE_2A[f"biLSTM ({loss})"][1]


@pytest.mark.parametrize(("name", "row", "figures"), TYPED_CAPTIONS)
def test_tables_of_captions_have_the_papers_figures(
    name: str, row: str, figures: tuple[float, float, float, float]
) -> None:
    assert CAPTIONS[name][row] == figures


def test_rows_that_the_copy_does_not_tell_safely_are_left_out() -> None:
    assert {name: len(rows) for name, rows in CAPTIONS.items()} == {
        "clotho": 3,
        "mscoco": 4,
        "flickr30k": 4,
        "msvd": 4,
        "msrvtt": 3,
        "vatex": 3,
    }


def test_of_figure_4_two_points_are_told() -> None:
    assert FIGURE_4_CLOTHO == {0.0: 9.62, 10.0: 14.09}


def test_all_are_shares_in_per_cent_that_rise_with_k() -> None:
    rows = [*TABLE_1.values(), *TABLE_4.values(), *(of for both in TABLE_2A.values() for of in both)]
    for row in rows:
        told = [value for value in row if value is not None]
        assert told == sorted(told)
        assert all(0 < value < 100 for value in told)

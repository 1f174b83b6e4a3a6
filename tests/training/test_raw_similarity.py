"""The raw side of the intra loss by hand: cosines of temporal means, alone and with words."""

import math

import torch
from torch import Tensor

from training.losses import raw_similarity, raw_similarity_with_text


def test_the_raw_similarity_is_the_cosine_of_the_means_whatever_their_length() -> None:
    means = torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, -2.0]])
    half = math.sqrt(0.5)
    expected = torch.tensor([[1.0, half, 0.0], [half, 1.0, -half], [0.0, -half, 1.0]])
    torch.testing.assert_close(raw_similarity(means), expected)


def test_a_mean_of_zeros_is_like_nothing_and_gives_no_fault() -> None:
    found = raw_similarity(torch.tensor([[0.0, 0.0], [3.0, 4.0]]))
    torch.testing.assert_close(found, torch.tensor([[0.0, 0.0], [0.0, 1.0]]))


def text_example() -> tuple[Tensor, Tensor]:
    """Means (3, 0), (0, 4), (0.6, 0.8) with cosines 0, 0.6, 0.8; texts (1, 0), (0.6, 0.8), (0, 1)."""
    means = torch.tensor([[3.0, 0.0], [0.0, 4.0], [0.6, 0.8]])
    return means, torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])


def test_words_and_pictures_weigh_the_same_in_the_raw_similarity() -> None:
    means, text = text_example()
    found = raw_similarity_with_text(means, text, torch.tensor([True, True, True]), form="unit parts")
    # Means of the two cosines: (0 + 0.6)/2, (0.6 + 0)/2, (0.8 + 0.8)/2
    expected = torch.tensor([[1.0, 0.3, 0.3], [0.3, 1.0, 0.8], [0.3, 0.8, 1.0]])
    torch.testing.assert_close(found, expected)


def test_unit_parts_are_the_cosine_of_the_concatenated_unit_vectors() -> None:
    generator = torch.Generator().manual_seed(1)
    means, text = (torch.randn(5, width, generator=generator) for width in (4, 3))
    found = raw_similarity_with_text(means, 7 * text, torch.ones(5, dtype=torch.bool), form="unit parts")
    joined = torch.cat([text / text.norm(dim=1, keepdim=True), means / means.norm(dim=1, keepdim=True)], dim=1)
    torch.testing.assert_close(found, joined @ joined.T / 2)


def test_an_item_without_words_is_compared_by_its_pictures_alone() -> None:
    means, text = text_example()
    found = raw_similarity_with_text(means, text, torch.tensor([True, False, True]), form="unit parts")
    expected = torch.tensor([[1.0, 0.0, 0.3], [0.0, 1.0, 0.8], [0.3, 0.8, 1.0]])
    torch.testing.assert_close(found, expected)


def test_where_no_item_has_words_they_change_nothing() -> None:
    means, text = text_example()
    nobody = torch.zeros(3, dtype=torch.bool)
    torch.testing.assert_close(raw_similarity_with_text(means, text, nobody, form="unit parts"), raw_similarity(means))
    torch.testing.assert_close(raw_similarity_with_text(means, text, nobody, form="literal"), raw_similarity(means))


def test_the_literal_form_concatenates_the_vectors_as_they_come() -> None:
    means, text = text_example()
    found = raw_similarity_with_text(means, text, torch.tensor([True, True, False]), form="literal")
    # (1, 0, 3, 0)·(0.6, 0.8, 0, 4) = 0.6 over √10·√17; item 3 is (0, 0, 0.6, 0.8): 1.8/√10 and 3.2/√17.
    first_second, first_third, second_third = 0.6 / math.sqrt(170), 1.8 / math.sqrt(10), 3.2 / math.sqrt(17)
    expected = torch.tensor(
        [[1, first_second, first_third], [first_second, 1, second_third], [first_third, second_third, 1]]
    )
    torch.testing.assert_close(found, expected)

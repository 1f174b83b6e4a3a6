import pytest
import torch

from training.ridge_cca import block_basis, principal, ridge_cca


def drawn(rows: int, width: int, seed: int = 0) -> torch.Tensor:
    values = torch.randn(rows, width, generator=torch.Generator().manual_seed(seed))
    return values - values.mean(dim=0)


def test_a_planted_direction_is_found_first_and_correlates_as_it_was_planted() -> None:
    query, target = drawn(4000, 4, 1), drawn(4000, 3, 2)
    target[:, 2] = 0.8 * query[:, 1] + 0.6 * target[:, 2]
    found = ridge_cca(query, target, ridges=(1e-6, 1e-6), directions=2)
    assert found.correlations_K[0].item() == pytest.approx(0.8, abs=0.02)
    assert found.correlations_K[1].item() < 0.1
    assert found.query_EK[:, 0].abs().argmax() == 1
    assert found.target_EK[:, 0].abs().argmax() == 2


def test_a_ridge_holds_back_what_few_rows_suggest() -> None:
    query, target = drawn(12, 8, 1), drawn(12, 8, 2)
    free, held = (ridge_cca(query, target, ridges=(ridge, ridge), directions=1) for ridge in (1e-6, 1.0))
    assert free.correlations_K[0] > 0.95
    assert held.correlations_K[0] < 0.8


def test_more_directions_than_the_narrower_side_has_are_refused() -> None:
    with pytest.raises(ValueError, match="3 directions of sides 4 and 2 wide"):
        ridge_cca(drawn(9, 4), drawn(9, 2), ridges=(1.0, 1.0), directions=3)


@pytest.mark.parametrize("rows", [5, 50])
def test_principal_components_are_the_directions_of_most_variance(rows: int) -> None:
    values = drawn(rows, 8) * torch.tensor([1.0, 9.0, 1.0, 1.0, 30.0, 1.0, 1.0, 1.0])
    found = principal(values, 2)
    torch.testing.assert_close(found.T @ found, torch.eye(2), atol=1e-5, rtol=0)
    best = torch.linalg.svdvals(values)[:2].square().sum()
    assert (values @ found).square().sum().item() == pytest.approx(best.item(), rel=1e-4)
    with pytest.raises(ValueError, match="9 components"):
        principal(values, 9)


def test_each_block_counts_by_the_root_of_its_width_and_wide_ones_are_cut_down() -> None:
    values = torch.cat([drawn(60, 2, 1), 100 * drawn(60, 9, 2)], dim=1)
    basis = block_basis(values, [2, 9], components=4)
    assert basis.shape == (11, 2 + 4)
    energies = [part.square().sum(dim=1).mean().item() for part in (values @ basis).split([2, 4], dim=1)]
    assert energies == pytest.approx([2**0.5, 4**0.5], rel=1e-4)
    assert not basis[:2, 2:].any()
    assert not basis[2:, :2].any()

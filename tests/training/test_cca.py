"""Canonical correlation against Hotelling's eigenproblem, solved without whitening, and on data made to correlate."""

from pathlib import Path

import numpy as np
import pytest
import torch

from app.encoders.models import TwoTowers
from app.encoders.sequence_specs import FCSpec
from training import cca
from training.batches import PairFeed
from training.cca import Float64Array, canonical_projections, fit_cca
from training.evaluation import recalls_both_ways
from training.model_spec import ModelSpec, TowerSpec, build_model
from training.pair_set import Item, Items, PairSet, Stream, StreamForm
from training.retrieval import embed_queries, embed_targets
from training.rows import open_rows

ITEMS, STEPS, QUERY_DIM, TARGET_DIM = 60, 4, 6, 5


def correlated(count: int = 400, seed: int = 0) -> tuple[Float64Array, Float64Array]:
    """Sides 6 and 5 wide, of uneven spread and far from zero, that share two hidden values."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(count, 2))
    query, target = (
        hidden @ rng.normal(size=(2, width)) + rng.normal(size=(count, width)) @ rng.normal(size=(width, width))
        for width in (QUERY_DIM, TARGET_DIM)
    )
    return 3 * query + 100, target - 7


def covariances(query: Float64Array, target: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    both = np.cov(query.T, target.T, ddof=0)
    wide = query.shape[1]
    return both[:wide, :wide], both[wide:, wide:], both[:wide, wide:]


def shrunken(covariance: Float64Array, share: float) -> Float64Array:
    level = np.diag(covariance).mean()
    return np.asarray((1 - share) * covariance + share * level * np.eye(len(covariance)))


@pytest.mark.parametrize("shrinkage", [0.0, 0.1, 0.7])
def test_the_squared_correlations_are_the_eigenvalues_of_hotellings_problem(shrinkage: float) -> None:
    query, target = correlated()
    of_query, of_target, between = covariances(query, target)
    of_query, of_target = shrunken(of_query, shrinkage), shrunken(of_target, shrinkage)
    # C_qq^-1 C_qt C_tt^-1 C_tq w = r^2 w
    problem = np.linalg.solve(of_query, between) @ np.linalg.solve(of_target, between.T)
    values = np.sort(np.linalg.eigvals(problem).real)[::-1]
    found = canonical_projections(query, target, components=3, shrinkage=shrinkage)
    np.testing.assert_allclose(found.correlations, np.sqrt(values[:3]), rtol=1e-6)
    for rank in range(3):
        direction = found.query_weights[:, rank]
        np.testing.assert_allclose(problem @ direction, values[rank] * direction, atol=1e-8)


def test_the_projected_sides_have_unit_variance_and_correlate_with_their_partner_alone() -> None:
    query, target = correlated()
    found = canonical_projections(query, target, components=4, shrinkage=0.0)
    seen = (query - found.query_mean) @ found.query_weights, (target - found.target_mean) @ found.target_weights
    of_query, of_target, between = covariances(*seen)
    np.testing.assert_allclose(of_query, np.eye(4), atol=1e-8)
    np.testing.assert_allclose(of_target, np.eye(4), atol=1e-8)
    np.testing.assert_allclose(between, np.diag(found.correlations), atol=1e-8)
    assert np.all(np.diff(found.correlations) < 0)


def test_a_correlation_that_was_put_in_is_found() -> None:
    rng = np.random.default_rng(1)
    query, noise = rng.normal(size=(4000, 4)), rng.normal(size=(4000, 3))
    target = noise.copy()
    target[:, 1] = 0.8 * query[:, 2] + 0.6 * noise[:, 1]
    found = canonical_projections(query, target, components=3, shrinkage=0.0)
    assert found.correlations[0] == pytest.approx(0.8, abs=0.03)
    assert found.correlations[1] < 0.1
    assert np.abs(found.query_weights[:, 0]).argmax() == 2
    assert np.abs(found.target_weights[:, 0]).argmax() == 1


def test_no_units_and_no_linear_remix_of_a_side_change_the_correlations() -> None:
    query, target = correlated()
    plain = canonical_projections(query, target, components=5, shrinkage=0.0).correlations
    remix = np.random.default_rng(2).normal(size=(QUERY_DIM, QUERY_DIM))
    found = canonical_projections(1000 * query @ remix + 5, target, components=5, shrinkage=0.0).correlations
    np.testing.assert_allclose(found, plain, rtol=1e-5)


def test_features_that_never_vary_or_repeat_others_add_nothing() -> None:
    query, target = correlated()
    plain = canonical_projections(query, target, components=5, shrinkage=0.0).correlations
    wider = np.concatenate([query, np.full((len(query), 1), 3.0), query[:, :1]], axis=1)
    found = canonical_projections(wider, target, components=5, shrinkage=0.0)
    np.testing.assert_allclose(found.correlations, plain, rtol=1e-6)
    assert np.isfinite(found.query_weights).all()


def test_fewer_items_than_features_correlate_fully_and_no_weight_runs_away() -> None:
    query, target = correlated(count=5)
    found = canonical_projections(query, target, components=4, shrinkage=0.0)
    np.testing.assert_allclose(found.correlations, 1, atol=1e-9)
    assert np.abs(found.query_weights).max() < 10


def test_more_components_than_the_narrower_side_is_wide_are_refused() -> None:
    query, target = correlated()
    with pytest.raises(ValueError, match="6 directions of sides 6 and 5 wide"):
        canonical_projections(query, target, components=TARGET_DIM + 1, shrinkage=0.1)


def stream(name: str, means: Float64Array, rng: np.random.Generator) -> Stream:
    """Steps that scatter around the items' means and average to them exactly."""
    steps = rng.normal(size=(len(means), STEPS, means.shape[1]))
    rows = means[:, None] + steps - steps.mean(axis=1, keepdims=True)
    form = StreamForm(name, f"space-of-{name}", means.shape[1], "4 steps")
    offsets = np.arange(len(means) + 1) * STEPS
    return Stream(name, form, rows.reshape(-1, means.shape[1]).astype(np.float32), offsets, None)


def tower(name: str, dim: int, layers: int = 1) -> TowerSpec:
    encoder = FCSpec(kind="fc", width=7, layers=layers, dropout=0.0, batch_norm=False)
    return TowerSpec(
        stream=name,
        modality="video" if name == "video" else "music",
        space=f"space-of-{name}",
        feature_dim=dim,
        steps=STEPS,
        sampling="gs",
        window_rows=30,
        standardisation=None,
        sequence_encoder=encoder,
    )


def untrained(*, layers: int = 1) -> tuple[TwoTowers, PairFeed, Items, tuple[Float64Array, Float64Array]]:
    means, rng = correlated(ITEMS), np.random.default_rng(3)
    streams = {name: stream(name, side, rng) for name, side in zip(("video", "music"), means, strict=True)}
    items = tuple(Item(f"item-{number}", f"track-{number}", "train") for number in range(ITEMS))
    pairs = PairSet("made", Path(), ("video",), ("music",), streams, items, np.arange(ITEMS))
    spec = ModelSpec(
        format_version=1,
        embedding_dim=3,
        query=tower("video", QUERY_DIM, layers),
        words=None,
        target=tower("music", TARGET_DIM, layers),
        shared=False,
    )
    cpu = torch.device("cpu")
    return (
        build_model(spec).eval(),
        PairFeed(pairs, spec, cpu, open_rows(streams, cpu, "file")),
        np.arange(ITEMS),
        means,
    )


def test_the_solution_is_written_into_the_towers(monkeypatch: pytest.MonkeyPatch) -> None:
    # So few at a time that the items come in several parts, the last one short.
    monkeypatch.setattr(cca, "_ITEMS_AT_ONCE", 7)
    model, feed, items, (query, target) = untrained()
    correlations = fit_cca(model, feed, items[:50], shrinkage=0.1)
    expected = canonical_projections(query[:50], target[:50], components=3, shrinkage=0.1)
    np.testing.assert_allclose(correlations, expected.correlations, rtol=1e-4)
    seen = (query - expected.query_mean) @ expected.query_weights
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    found = embed_queries(model, feed, items, frozenset()).vectors
    np.testing.assert_allclose(np.abs((found * seen).sum(axis=1)), 1, atol=1e-3)


def test_partners_find_each_other_better_after_it_than_before() -> None:
    model, feed, items, _ = untrained()
    before = recalls_both_ways(embed_queries(model, feed, items, frozenset()), embed_targets(model, feed, items))
    fit_cca(model, feed, items, shrinkage=0.1)
    after = recalls_both_ways(embed_queries(model, feed, items, frozenset()), embed_targets(model, feed, items))
    assert after.query_to_target.r10 > before.query_to_target.r10 + 0.3
    assert after.target_to_query.r10 > before.target_to_query.r10 + 0.3


def test_towers_of_more_than_one_linear_layer_are_refused() -> None:
    model, feed, items, _ = untrained(layers=2)
    with pytest.raises(ValueError, match="one layer"):
        fit_cca(model, feed, items, shrinkage=0.1)

"""The four sequence encoders against renderings of what they are to compute, and by what they hear and do not hear."""

import math
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from app.encoders.sequence import FC, GCN, Attention, BiLSTM, sequence_encoder, sine_positions
from app.encoders.sequence_specs import AttentionSpec, BiLSTMSpec, FCSpec, GCNSpec

Spec = BiLSTMSpec | FCSpec | GCNSpec | AttentionSpec
FEATURE, EMBEDDING = 9, 5
BILSTM = BiLSTMSpec(kind="bilstm", width=6, layers=1, dropout=0.2, pooling="mean")
LAST = BILSTM.model_copy(update={"pooling": "last", "layers": 2})
WITH_NORM = FCSpec(kind="fc", width=8, layers=2, dropout=0.2, batch_norm=True)
GRAPH = GCNSpec(kind="gcn", width=8, layers=2, dropout=0.2)
HEADS = AttentionSpec(kind="attention", width=8, layers=2, heads=2, dropout=0.2)
ALL = (BILSTM, LAST, WITH_NORM, GRAPH, HEADS)
every_kind = pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.kind)


def encoder(spec: Spec, feature_dim: int = FEATURE, seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    return sequence_encoder(spec, feature_dim=feature_dim, embedding_dim=EMBEDDING).eval()


def drawn(count: int = 4, steps: int = 7, dim: int = FEATURE, seed: int = 1) -> Tensor:
    return torch.randn(count, steps, dim, generator=torch.Generator().manual_seed(seed))


def likeness(first: Tensor, second: Tensor) -> float:
    return F.cosine_similarity(first, second, dim=-1).min().item()


@every_kind
@pytest.mark.parametrize(("count", "steps"), [(1, 1), (3, 2), (2, 50)])
def test_any_number_of_items_and_steps_gives_one_vector_an_item(spec: Spec, count: int, steps: int) -> None:
    found = encoder(spec)(drawn(count, steps))
    assert found.shape == (count, EMBEDDING)
    assert found.isfinite().all()


@every_kind
def test_an_items_vector_does_not_depend_on_what_else_is_in_the_batch(spec: Spec) -> None:
    model, batch = encoder(spec), drawn(9)
    together = model(batch)
    for number in range(9):
        assert likeness(model(batch[number : number + 1])[0], together[number]) > 0.99999
    louder = torch.cat([batch[:1], 100 * batch[1:]])
    assert likeness(model(louder)[0], together[0]) > 0.99999


@every_kind
def test_two_looks_agree_and_only_training_drops_out(spec: Spec) -> None:
    model, batch = encoder(spec), drawn()
    assert torch.equal(model(batch), model(batch))
    model.train()
    assert not torch.equal(model(batch), model(batch))


@every_kind
def test_every_weight_is_used(spec: Spec) -> None:
    model = encoder(spec).train()
    model(drawn(8)).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in model.parameters())


@pytest.mark.parametrize("spec", [WITH_NORM, GRAPH], ids=lambda spec: spec.kind)
def test_the_order_of_the_steps_is_nothing_to_fc_and_gcn(spec: Spec) -> None:
    model, batch = encoder(spec), drawn()
    torch.testing.assert_close(model(batch.flip(1)), model(batch), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("spec", [BILSTM, LAST, HEADS], ids=["mean", "last", "attention"])
def test_bilstm_and_attention_hear_the_order_of_the_steps(spec: Spec) -> None:
    model, batch = encoder(spec), drawn()
    assert likeness(model(batch.flip(1)), model(batch)) < 0.9999
    assert likeness(model(batch.roll(2, dims=1)), model(batch)) < 0.9999


def test_fc_sees_nothing_but_the_temporal_mean() -> None:
    model, batch = encoder(WITH_NORM), drawn()
    mean = batch.mean(dim=1, keepdim=True)
    torch.testing.assert_close(model(mean + 5 * (batch - mean)), model(batch), rtol=1e-4, atol=1e-5)
    assert likeness(model(batch[:, :3]), model(batch)) < 0.999


def kinds(model: FC) -> list[str]:
    return [type(layer).__name__ for layer in model.layers]


def test_fc_is_linear_at_its_end_and_normed_before_each_relu_where_asked_for() -> None:
    plain = WITH_NORM.model_copy(update={"batch_norm": False, "layers": 3})
    model = sequence_encoder(plain, feature_dim=FEATURE, embedding_dim=EMBEDDING)
    normed = sequence_encoder(WITH_NORM, feature_dim=FEATURE, embedding_dim=EMBEDDING)
    one = sequence_encoder(plain.model_copy(update={"layers": 1}), feature_dim=FEATURE, embedding_dim=EMBEDDING)
    assert isinstance(model, FC)
    assert isinstance(normed, FC)
    assert isinstance(one, FC)
    assert kinds(model) == [*["Linear", "ReLU", "Dropout"] * 2, "Linear"]
    assert kinds(normed) == ["Linear", "BatchNorm1d", "ReLU", "Dropout", "Linear"]
    assert kinds(one) == ["Linear"]


def graph_by_loops(model: GCN, steps: Sequence[Tensor]) -> Tensor:
    for layer in model.maps:
        mixed = []
        for own in steps:
            likenesses = [(own @ other / (own.norm() * other.norm())).item() for other in steps]
            weights = [math.exp(value * math.sqrt(len(own))) for value in likenesses]
            share = [weight / sum(weights) for weight in weights]
            neighbours = torch.stack([part * other for part, other in zip(share, steps, strict=True)]).sum(dim=0)
            mixed.append(F.relu(layer(neighbours + own)))
        steps = mixed
    return torch.as_tensor(model.projection(torch.stack(list(steps)).mean(dim=0)))


def test_gcn_mixes_the_steps_by_a_softmax_over_their_cosines() -> None:
    model = encoder(GRAPH)
    assert isinstance(model, GCN)
    batch = drawn(2)
    torch.testing.assert_close(model(batch)[1], graph_by_loops(model, list(batch[1])), rtol=1e-4, atol=1e-5)


def test_gcn_mixes_no_steps_that_are_unlike_each_other() -> None:
    # Each by itself is one group; two unlike groups together are the mean of each alone.
    one_layer = encoder(GRAPH.model_copy(update={"layers": 1}), feature_dim=400)
    first, second = torch.zeros(1, 4, 400), torch.zeros(1, 4, 400)
    first[..., :200], second[..., 200:] = drawn(1, 1, 200), drawn(1, 1, 200, seed=2)
    apart = (one_layer(first) + one_layer(second)) / 2
    torch.testing.assert_close(one_layer(torch.cat([first, second], dim=1)), apart, rtol=1e-4, atol=1e-5)


def attended(model: Attention, steps_TE: Tensor, heads: int) -> Tensor:
    """One layer, norm first, head by head (Vaswani et al. 2017, with the norms moved as in Xiong et al. 2020)."""
    (layer,), last_norm = model.layers.layers, model.layers.norm
    assert last_norm is not None
    x_TW = model.entrance(steps_TE)
    x_TW = x_TW + sine_positions(*x_TW.shape, like=x_TW)
    packed = F.linear(layer.norm1(x_TW), layer.self_attn.in_proj_weight, layer.self_attn.in_proj_bias)
    query, key, value = (part.chunk(heads, dim=1) for part in packed.chunk(3, dim=1))
    found = []
    for q_Tw, k_Tw, v_Tw in zip(query, key, value, strict=True):
        found.append((q_Tw @ k_Tw.T / math.sqrt(q_Tw.shape[1])).softmax(dim=1) @ v_Tw)
    x_TW = x_TW + layer.self_attn.out_proj(torch.cat(found, dim=1))
    x_TW = x_TW + layer.linear2(F.relu(layer.linear1(layer.norm2(x_TW))))
    return torch.as_tensor(model.projection(last_norm(x_TW).mean(dim=0)))


def test_attention_is_a_norm_first_transformer_over_steps_with_positions() -> None:
    model = encoder(HEADS.model_copy(update={"layers": 1}))
    assert isinstance(model, Attention)
    batch = drawn(3)
    torch.testing.assert_close(model(batch)[2], attended(model, batch[2], heads=2), rtol=1e-4, atol=1e-5)


def test_sine_positions_follow_their_formula() -> None:
    found = sine_positions(60, 10, like=torch.zeros(1))
    for position in (0, 1, 17, 59):
        for pair in range(5):
            angle = position / 10_000 ** (2 * pair / 10)
            assert found[position, 2 * pair].item() == pytest.approx(math.sin(angle), abs=1e-5)
            assert found[position, 2 * pair + 1].item() == pytest.approx(math.cos(angle), abs=1e-5)
    assert sine_positions(2, 4, like=torch.zeros(1, dtype=torch.bfloat16)).dtype is torch.bfloat16


def test_last_pooling_joins_the_last_state_of_each_direction() -> None:
    model, batch = encoder(LAST), drawn()
    assert isinstance(model, BiLSTM)
    outputs, _ = model.lstm(batch)
    expected = model.projection(torch.cat([outputs[:, -1, :6], outputs[:, 0, 6:]], dim=1))
    torch.testing.assert_close(model(batch), expected)


def test_mean_pooling_is_the_mean_over_steps() -> None:
    model, batch = encoder(BILSTM), drawn()
    assert isinstance(model, BiLSTM)
    torch.testing.assert_close(model(batch), model.projection(model.lstm(batch)[0].mean(dim=1)))

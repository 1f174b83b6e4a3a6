import pytest
import torch
from torch.nn import functional as F

from app.encoders.models import TextState, TowerPlan, TwoTowers, standardise, two_towers, video_music_model
from app.encoders.sequence_specs import AttentionSpec, BiLSTMSpec, FCSpec, GCNSpec, SequenceEncoderSpec
from app.encoders.spec import EncoderSpec, Standardisation, parse_spec
from tests.encoders.checkpoints import small_model, small_spec, small_text_side

VIDEO_DIM, MUSIC_DIM, TEXT_DIM = 45, 89, 8192
BILSTM = BiLSTMSpec(kind="bilstm", width=6, layers=1, dropout=0.2, pooling="mean")
FULLY = FCSpec(kind="fc", width=6, layers=2, dropout=0.2, batch_norm=True)
GRAPH = GCNSpec(kind="gcn", width=6, layers=1, dropout=0.2)
HEADS = AttentionSpec(kind="attention", width=6, layers=1, heads=3, dropout=0.2)


def words(count: int, seed: int = 1) -> torch.Tensor:
    return F.normalize(torch.randn(count, TEXT_DIM, generator=torch.Generator().manual_seed(seed)), dim=1)


def steps(count: int, dim: int = VIDEO_DIM) -> torch.Tensor:
    return torch.randn(count, 6, dim, generator=torch.Generator().manual_seed(2))


@pytest.fixture
def model() -> TwoTowers:
    return small_model(small_spec())


def with_state(initial_state: str, pooling: str = "mean", layers: int = 1) -> EncoderSpec:
    document = small_spec().model_dump(mode="json")
    document["text"]["initial_state"] = initial_state
    document["video"]["sequence_encoder"] |= {"pooling": pooling, "layers": layers}
    return parse_spec(document, checkpoint="made for a test")


def towers(query: SequenceEncoderSpec, target: SequenceEncoderSpec) -> TwoTowers:
    torch.manual_seed(0)
    return two_towers(TowerPlan(query, 5), TowerPlan(target, 7), embedding_dim=4, text=None).eval()


def test_embeddings_are_unit_vectors(model: TwoTowers) -> None:
    for embeddings in (model.embed_query(steps(3)), model.embed_target(steps(3, MUSIC_DIM))):
        assert embeddings.shape == (3, 16)
        torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(3))


def test_no_text_zero_text_and_masked_text_are_one_and_the_same(model: TwoTowers) -> None:
    without = model.embed_query(steps(3))
    torch.testing.assert_close(model.embed_query(steps(3), torch.zeros(3, TEXT_DIM)), without)
    torch.testing.assert_close(model.embed_query(steps(3), words(3), torch.zeros(3, dtype=torch.bool)), without)


def test_the_mask_hides_the_text_of_its_own_items_only(model: TwoTowers) -> None:
    without, given = model.embed_query(steps(3)), model.embed_query(steps(3), words(3))
    mixed = model.embed_query(steps(3), words(3), torch.tensor([True, False, True]))
    torch.testing.assert_close(mixed, torch.stack([given[0], without[1], given[2]]))
    assert (F.cosine_similarity(given, without) < 0.999).all()


def test_an_untrained_projection_leaves_the_no_text_answer() -> None:
    model = video_music_model(small_spec()).eval()
    torch.testing.assert_close(model.embed_query(steps(2), words(2)), model.embed_query(steps(2)))


def test_training_never_touches_the_buckets_of_words_it_did_not_see() -> None:
    model = video_music_model(small_spec())
    assert model.text_state is not None
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    texts = torch.zeros(4, TEXT_DIM)
    texts[:, [3, 70]] = 0.5
    for _ in range(3):
        loss = model.embed_query(steps(4), texts).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    touched = model.text_state.reduce.weight.abs().sum(dim=0).nonzero().flatten().tolist()
    assert touched == [3, 70]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("pooling", ["mean", "last"])
@pytest.mark.parametrize("initial_state", ["hidden", "hidden_and_cell"])
def test_every_form_of_the_video_tower_hears_the_words(initial_state: str, pooling: str, layers: int) -> None:
    model = small_model(with_state(initial_state, pooling, layers))
    # Two steps only: an untrained LSTM has forgotten how it began after six.
    short_BTE = steps(3)[:, :2]
    likeness = F.cosine_similarity(model.embed_query(short_BTE, words(3)), model.embed_query(short_BTE))
    assert (likeness < 0.999).all()


def test_the_hidden_state_alone_leaves_the_cell_at_zero() -> None:
    model = small_model(with_state("hidden"))
    assert model.text_state is not None
    hidden_KBW, cell_KBW = model.text_state(words(3))
    assert hidden_KBW.shape == cell_KBW.shape == (2, 3, 24)
    assert hidden_KBW.abs().sum() > 0
    assert cell_KBW.abs().sum() == 0


def test_both_states_come_from_parts_of_their_own() -> None:
    model = small_model(with_state("hidden_and_cell"))
    assert model.text_state is not None
    hidden_KBW, cell_KBW = model.text_state(words(2))
    assert not torch.allclose(hidden_KBW, cell_KBW)
    assert not torch.allclose(hidden_KBW[:, 0], hidden_KBW[:, 1])


def test_a_model_without_a_text_side_takes_no_words() -> None:
    model = small_model(small_spec(with_text=False))
    assert model.embed_query(steps(2)).shape == (2, 16)
    with pytest.raises(ValueError, match="no text side"):
        model.embed_query(steps(2), words(2))


@pytest.mark.parametrize("kind", [BILSTM, FULLY, GRAPH, HEADS], ids=lambda spec: str(spec.kind))
def test_forward_gives_both_embeddings_for_every_kind_of_tower(kind: SequenceEncoderSpec) -> None:
    model = towers(kind, HEADS)
    query, target = model(steps(3, 5), steps(3, 7))
    assert torch.equal(query, model.embed_query(steps(3, 5)))
    assert torch.equal(target, model.embed_target(steps(3, 7)))
    torch.testing.assert_close(query.norm(dim=1), torch.ones(3))
    assert query.shape == target.shape == (3, 4)


def test_forward_gives_words_and_their_mask_to_the_query(model: TwoTowers) -> None:
    mask = torch.tensor([True, False, True])
    query, target = model(steps(3), steps(3, MUSIC_DIM), words(3), mask)
    assert torch.equal(query, model.embed_query(steps(3), words(3), mask))
    assert torch.equal(target, model.embed_target(steps(3, MUSIC_DIM)))
    assert not torch.allclose(query, model.embed_query(steps(3), words(3)))


def test_an_embedding_does_not_depend_on_what_else_is_in_the_batch(model: TwoTowers) -> None:
    mask = torch.tensor([True, False, True, True, False])
    together = model.embed_query(steps(5), words(5), mask)
    for number in range(5):
        one = slice(number, number + 1)
        alone = model.embed_query(steps(5)[one], words(5)[one], mask[one])[0]
        assert F.cosine_similarity(alone, together[number], dim=0) > 0.99999


@pytest.mark.parametrize("kind", [FULLY, GRAPH, HEADS], ids=lambda spec: str(spec.kind))
def test_only_a_bilstm_has_a_state_that_words_could_set(kind: SequenceEncoderSpec) -> None:
    silent = towers(kind, HEADS)
    with pytest.raises(ValueError, match="no text side"):
        silent.embed_query(steps(2, 5), words(2))
    state = TextState(small_text_side(), state_count=2, width=6)
    with pytest.raises(ValueError, match="only a biLSTM"):
        TwoTowers(silent.query, silent.target, state)


def test_standardisation_shifts_scales_and_holds_within_its_limit() -> None:
    standardisation = Standardisation(mean=(1.0, 0.0), deviation=(2.0, 1.0), limit=3.0)
    features = torch.tensor([[[3.0, 0.5], [1e6, -1e6]]])
    assert standardise(features, standardisation).tolist() == [[[1.0, 0.5], [3.0, -3.0]]]
    assert standardise(features, None) is features

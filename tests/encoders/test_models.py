import pytest
import torch
from torch.nn import functional as F

from app.encoders.models import VideoMusicModel, standardise
from app.encoders.sequence import BiLSTM
from app.encoders.spec import EncoderSpec, SequenceEncoderSpec, Standardisation, parse_spec
from tests.encoders.checkpoints import small_model, small_spec

VIDEO_DIM, MUSIC_DIM, TEXT_DIM = 45, 89, 8192


def words(count: int, seed: int = 1) -> torch.Tensor:
    return F.normalize(torch.randn(count, TEXT_DIM, generator=torch.Generator().manual_seed(seed)), dim=1)


def steps(count: int, dim: int = VIDEO_DIM) -> torch.Tensor:
    return torch.randn(count, 6, dim, generator=torch.Generator().manual_seed(2))


@pytest.fixture
def model() -> VideoMusicModel:
    return small_model(small_spec())


def with_state(initial_state: str, pooling: str = "mean", layers: int = 1) -> EncoderSpec:
    document = small_spec().model_dump(mode="json")
    document["text"]["initial_state"] = initial_state
    document["video"]["sequence_encoder"] |= {"pooling": pooling, "layers": layers}
    return parse_spec(document, checkpoint="made for a test")


def test_embeddings_are_unit_vectors(model: VideoMusicModel) -> None:
    for embeddings in (model.embed_video(steps(3)), model.embed_music(steps(3, MUSIC_DIM))):
        assert embeddings.shape == (3, 16)
        torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(3))


def test_no_text_zero_text_and_masked_text_are_one_and_the_same(model: VideoMusicModel) -> None:
    without = model.embed_video(steps(3))
    torch.testing.assert_close(model.embed_video(steps(3), torch.zeros(3, TEXT_DIM)), without)
    torch.testing.assert_close(model.embed_video(steps(3), words(3), torch.zeros(3, dtype=torch.bool)), without)


def test_the_mask_hides_the_text_of_its_own_items_only(model: VideoMusicModel) -> None:
    without, given = model.embed_video(steps(3)), model.embed_video(steps(3), words(3))
    mixed = model.embed_video(steps(3), words(3), torch.tensor([True, False, True]))
    torch.testing.assert_close(mixed, torch.stack([given[0], without[1], given[2]]))
    assert (F.cosine_similarity(given, without) < 0.999).all()


def test_an_untrained_projection_leaves_the_no_text_answer() -> None:
    model = VideoMusicModel(small_spec()).eval()
    torch.testing.assert_close(model.embed_video(steps(2), words(2)), model.embed_video(steps(2)))


def test_training_never_touches_the_buckets_of_words_it_did_not_see() -> None:
    model = VideoMusicModel(small_spec())
    assert model.text_state is not None
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    texts = torch.zeros(4, TEXT_DIM)
    texts[:, [3, 70]] = 0.5
    for _ in range(3):
        loss = model.embed_video(steps(4), texts).sum()
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
    likeness = F.cosine_similarity(model.embed_video(short_BTE, words(3)), model.embed_video(short_BTE))
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
    assert model.embed_video(steps(2)).shape == (2, 16)
    with pytest.raises(ValueError, match="no text side"):
        model.embed_video(steps(2), words(2))


def test_last_pooling_joins_the_last_state_of_each_direction() -> None:
    spec = SequenceEncoderSpec(kind="bilstm", width=5, layers=2, dropout=0.0, pooling="last")
    encoder = BiLSTM(spec, feature_dim=3, embedding_dim=4).eval()
    inputs = torch.randn(2, 7, 3)
    outputs, _ = encoder.lstm(inputs)
    expected = encoder.projection(torch.cat([outputs[:, -1, :5], outputs[:, 0, 5:]], dim=1))
    torch.testing.assert_close(encoder(inputs), expected)


def test_mean_pooling_is_the_mean_over_steps() -> None:
    spec = SequenceEncoderSpec(kind="bilstm", width=5, layers=1, dropout=0.5, pooling="mean")
    encoder = BiLSTM(spec, feature_dim=3, embedding_dim=4).eval()
    inputs = torch.randn(2, 7, 3)
    torch.testing.assert_close(encoder(inputs), encoder.projection(encoder.lstm(inputs)[0].mean(dim=1)))


def test_standardisation_shifts_scales_and_holds_within_its_limit() -> None:
    standardisation = Standardisation(mean=(1.0, 0.0), deviation=(2.0, 1.0), limit=3.0)
    features = torch.tensor([[[3.0, 0.5], [1e6, -1e6]]])
    assert standardise(features, standardisation).tolist() == [[[1.0, 0.5], [3.0, -3.0]]]
    assert standardise(features, None) is features

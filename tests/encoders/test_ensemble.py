from dataclasses import dataclass

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor
from torch.nn import functional as F

from app.encoders.ensemble import Ensemble, encoded
from app.encoders.fitted_specs import CoursesSpec, EnsembleSpec, require_fitted_sides
from app.encoders.models import TowerPlan, two_towers
from app.encoders.sequence_specs import FCSpec, SequenceEncoderSpec
from tests.encoders.fitted_sides import FEATURES, NETWORK, ORDERED, STEPS, courses, ensemble, statistics

SPEC = ensemble((0.5, statistics()), (0.25, courses()), (1.0, courses(learnt=NETWORK)))
LINEAR = FCSpec(kind="fc", width=2, layers=1, dropout=0.0, batch_norm=False)


def drawn(count: int = 3) -> Tensor:
    return torch.rand(count, STEPS, FEATURES, generator=torch.Generator().manual_seed(1))


def encoder(spec: EnsembleSpec = SPEC) -> Ensemble:
    torch.manual_seed(0)
    return Ensemble(spec, feature_dim=FEATURES).eval()


def test_members_stand_end_to_end_as_unit_vectors_times_the_roots_of_their_weights() -> None:
    model, batch = encoder(), drawn()
    parts = model(batch).split([3, 12, 12], dim=1)
    for part, member, weight in zip(parts, model.members, (0.5, 0.25, 1.0), strict=True):
        torch.testing.assert_close(part, weight**0.5 * F.normalize(member(batch), dim=1))
        torch.testing.assert_close(part.square().sum(dim=1), torch.full((3,), weight))


def test_an_items_vector_does_not_depend_on_what_else_is_in_the_batch() -> None:
    model, batch = encoder(), drawn(5)
    for number in range(5):
        torch.testing.assert_close(model(batch[number : number + 1])[0], model(batch)[number])


def test_only_members_that_learn_speak_while_it_trains() -> None:
    model, batch = encoder().train(), drawn()
    assert model(batch).shape == (3, 12)
    nothing_learns = encoder(ensemble((0.5, statistics()), (0.5, courses()))).train()
    assert nothing_learns(batch).shape == (3, 15)


def test_kept_steps_reach_every_member_and_shorten_the_courses_alone() -> None:
    model, batch, kept = encoder(), drawn(), torch.tensor([0, 1, 4])
    assert encoded(model, batch, kept).shape == (3, 3 + 6 + 6)
    assert torch.equal(encoded(model, batch, None), model(batch))
    shortened = encoded(model, batch, kept)[:, :3]
    torch.testing.assert_close(shortened, 0.5**0.5 * F.normalize(model.members[0](batch[:, kept]), dim=1))


def test_two_towers_keep_the_same_steps_of_both_sides() -> None:
    torch.manual_seed(0)
    plan = TowerPlan(SPEC, FEATURES)
    model = two_towers(plan, plan, embedding_dim=SPEC.vector_width, text=None).eval()
    batch, kept = drawn(), torch.tensor([0, 1, 4])
    whole, cut = model(batch, batch), model(batch, batch, kept_K=kept)
    assert whole[0].shape == (3, SPEC.vector_width)
    assert cut[0].shape == cut[1].shape == (3, 15)
    torch.testing.assert_close(cut[1], F.normalize(encoded(model.target, batch, kept), dim=1))
    with pytest.raises(ValueError, match="words"):
        model(batch, batch, drawn()[:, 0], kept_K=kept)


def test_an_ensemble_without_members_or_with_a_weight_of_zero_is_refused() -> None:
    with pytest.raises(ValidationError, match="members"):
        EnsembleSpec(kind="ensemble", members=())
    with pytest.raises(ValidationError, match="weight"):
        ensemble((0.0, statistics()))


@dataclass(frozen=True)
class Side:
    sequence_encoder: SequenceEncoderSpec = SPEC
    feature_dim: int = FEATURES
    steps: int = STEPS


@pytest.mark.parametrize(
    ("side", "embedding_dim", "said"),
    [(Side(feature_dim=3), 27, "column 3"), (Side(steps=7), 27, "has 7"), (Side(), 26, "27 wide")],
)
def test_a_side_that_an_encoder_does_not_fit_is_refused(side: Side, embedding_dim: int, said: str) -> None:
    require_fitted_sides(Side(), Side(), embedding_dim=27)
    for query, target in ((Side(), side), (side, Side())):
        with pytest.raises(ValueError, match=said):
            require_fitted_sides(query, target, embedding_dim=embedding_dim)


def test_two_sides_must_match_member_by_member_and_may_differ_in_what_they_look_at() -> None:
    require_fitted_sides(Side(LINEAR), Side(LINEAR, 99, 1), embedding_dim=5)
    looking_elsewhere = ensemble((0.5, statistics(*ORDERED)), *_rest())
    require_fitted_sides(Side(), Side(looking_elsewhere), embedding_dim=27)
    for other in (
        ensemble((0.6, statistics()), *_rest()),
        ensemble((0.5, statistics()), *reversed(_rest())),
        statistics(width=27),
        LINEAR,
    ):
        with pytest.raises(ValueError, match="fitted to each other need the same"):
            require_fitted_sides(Side(), Side(other), embedding_dim=27)


def _rest() -> tuple[tuple[float, CoursesSpec], ...]:
    return (0.25, courses()), (1.0, courses(learnt=NETWORK, views=None))

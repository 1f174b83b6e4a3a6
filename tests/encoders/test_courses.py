import math

import pytest
import torch
from torch import Tensor

from app.encoders.courses import Courses
from app.encoders.fitted_specs import CoursesSpec, View
from tests.encoders.fitted_sides import FEATURES, NETWORK, STEPS, VIEWS, courses

BOTH = pytest.mark.parametrize("spec", [courses(), courses(learnt=NETWORK)], ids=["linear", "learnt"])


def drawn(count: int = 3, seed: int = 1) -> Tensor:
    return torch.rand(count, STEPS, FEATURES, generator=torch.Generator().manual_seed(seed))


def encoder(spec: CoursesSpec) -> Courses:
    torch.manual_seed(0)
    model = Courses(spec, feature_dim=FEATURES).eval()
    model.usual_TW.copy_(torch.randn(model.usual_TW.shape))
    return model


@BOTH
def test_an_item_gives_its_steps_end_to_end_and_nothing_of_the_others_in_the_batch(spec: CoursesSpec) -> None:
    model, batch = encoder(spec), drawn(5)
    assert model(batch).shape == (5, spec.vector_width)
    for number in range(5):
        torch.testing.assert_close(model(batch[number : number + 1])[0], model(batch)[number])


@BOTH
def test_when_something_happens_matters(spec: CoursesSpec) -> None:
    model, batch = encoder(spec), drawn()
    assert not torch.allclose(model(batch.roll(1, dims=1)), model(batch), atol=1e-3)


def test_levels_matter_to_no_view_of_a_course_as_it_is() -> None:
    model, batch = encoder(courses(views=None)), drawn()
    torch.testing.assert_close(model(batch + torch.randn(3, 1, FEATURES)), model(batch), rtol=1e-4, atol=1e-5)


@BOTH
def test_every_course_of_a_vector_has_mean_zero_over_time(spec: CoursesSpec) -> None:
    values = encoder(spec)(drawn()).unflatten(1, (STEPS, spec.width))
    torch.testing.assert_close(values.mean(dim=1), torch.zeros(3, spec.width), atol=1e-5, rtol=0)


def test_views_read_their_column_as_they_say() -> None:
    steps = torch.zeros(1, STEPS, FEATURES)
    steps[0, :, 1] = torch.tensor([0.0, 1.0, 4.0, 4.0, 9.0, 0.0])
    readings = ("as it is", "root", "exponential", "deviations", "ranks")
    views = tuple(View.model_validate({"column": 1, "reading": reading}) for reading in readings)
    found = Courses(courses(views=views), feature_dim=FEATURES).views(steps)[0]
    raw = [0.0, 1.0, 4.0, 4.0, 9.0, 0.0]
    mean = sum(raw) / 6
    deviation = math.sqrt(sum((value - mean) ** 2 for value in raw) / 6)
    expected = {
        0: raw,
        1: [math.sqrt(value) for value in raw],
        2: [math.exp(value) for value in raw],
        3: [(value - mean) / (deviation + 0.2) for value in raw],
        4: [sum((other < value) + (other == value) / 2 for other in raw) / 6 for value in raw],
    }
    for number, course in expected.items():
        centred = torch.tensor(course) - sum(course) / 6
        torch.testing.assert_close(found[:, number], centred, rtol=1e-4, atol=1e-4)


def test_a_course_that_never_varies_or_is_unheard_of_stays_finite() -> None:
    model = encoder(courses())
    for steps in (torch.zeros(1, STEPS, FEATURES), 1e4 * drawn(1), -1e4 * drawn(1)):
        assert model(steps).isfinite().all()


def test_kept_steps_are_cut_out_of_courses_that_were_read_whole() -> None:
    spec = courses()
    model, batch, kept = encoder(spec), drawn(), torch.tensor([0, 2, 5])
    whole = model(batch).unflatten(1, (STEPS, spec.width))[:, kept]
    expected = whole - whole.mean(dim=1, keepdim=True)
    torch.testing.assert_close(model(batch, kept), expected.flatten(1), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(model(batch, kept), model(drawn(seed=2), kept), atol=1e-3)


def test_only_the_learnt_part_is_trained_and_only_training_makes_noise() -> None:
    assert not list(encoder(courses()).parameters())
    model, batch = encoder(courses(learnt=NETWORK)), drawn()
    assert torch.equal(model(batch), model(batch))
    model.train()
    assert not torch.equal(model(batch), model(batch))
    model(batch).square().sum().backward()
    # A bias of all steps alike is gone with the mean over time.
    assert {name for name, weight in model.named_parameters() if weight.grad is None} == set()


def test_a_fresh_network_says_little_beside_the_linear_map() -> None:
    model, batch = encoder(courses(learnt=NETWORK, views=VIEWS)), drawn()
    assert model.learnt is not None
    values = model.mapped(batch)
    straight = model.learnt.linear(values)
    assert (model.learnt(values) - straight).norm() < 0.3 * straight.norm()

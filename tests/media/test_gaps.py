from hypothesis import given
from hypothesis import strategies as st

from app.media.gaps import Budget, Missing, Reach, plan_reaches

# Keyframes at 0, 10 and 20 s, four wanted instants in each of the first two gaps.
KEYFRAMES_S = [0.0, 10.0, 20.0]
MISSING = [Missing(keyframe_s + step_s, keyframe_s) for keyframe_s in (0.0, 10.0) for step_s in (2.0, 4.0, 6.0, 8.0)]


def plan(budget: int, missing: list[Missing] = MISSING) -> list[Reach]:
    return plan_reaches(missing, taken_s=KEYFRAMES_S, budget=Budget(budget, 10.0))


def test_the_first_reach_goes_to_the_middle_of_the_first_of_equal_gaps_and_takes_what_lies_on_the_way() -> None:
    assert plan(41) == [Reach(keyframe_s=0.0, times_s=(2.0, 4.0), packets=41)]


def test_the_next_goes_to_the_gap_that_is_widest_then() -> None:
    assert plan(82) == [Reach(0.0, (2.0, 4.0), 41), Reach(10.0, (2.0 + 10, 4.0 + 10), 41)]


def test_going_deeper_from_a_keyframe_costs_only_the_difference() -> None:
    assert plan(82 + 20) == [Reach(0.0, (2.0, 4.0, 6.0), 61), Reach(10.0, (12.0, 14.0), 41)]


def test_what_the_middle_costs_too_much_for_is_spent_nearer_to_the_keyframe() -> None:
    assert plan(25) == [Reach(0.0, (2.0,), 21)]


def test_enough_budget_reaches_everything() -> None:
    assert [reach.times_s for reach in plan(10_000)] == [(2.0, 4.0, 6.0, 8.0), (12.0, 14.0, 16.0, 18.0)]


def test_nothing_left_or_nothing_missing_plans_nothing() -> None:
    assert plan(0) == []
    assert plan(100, []) == []


@given(st.lists(st.floats(0.0, 30.0), max_size=40), st.integers(0, 2000))
def test_the_budget_is_never_overdrawn_and_every_reach_starts_before_its_instants(
    times_s: list[float], budget: int
) -> None:
    missing = [
        Missing(time_s, max(keyframe_s for keyframe_s in KEYFRAMES_S if keyframe_s <= time_s)) for time_s in times_s
    ]
    reaches = plan(budget, missing)
    assert sum(reach.packets for reach in reaches) <= budget
    assert all(reach.keyframe_s <= min(reach.times_s) for reach in reaches)

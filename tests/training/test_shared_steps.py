from itertools import islice

import numpy as np

from training.shared_steps import cuts_of


def test_by_turns_any_steps_and_a_stretch_without_gaps_are_kept_in_order() -> None:
    cuts = list(islice(cuts_of(50, 0.6, seed=(1, 2)), 20))
    assert all(cut is not None and len(cut) == 30 for cut in cuts)
    gaps = [np.diff(cut) for cut in cuts if cut is not None]
    assert all((gap >= 1).all() for gap in gaps)
    assert all((gap > 1).any() for gap in gaps[::2])
    assert all((gap == 1).all() for gap in gaps[1::2])
    assert all(cut is not None and cut[0] >= 0 and cut[-1] < 50 for cut in cuts)
    assert len({tuple(cut) for cut in cuts if cut is not None}) > 15


def test_the_same_seed_keeps_the_same_steps_and_another_others() -> None:
    first, again, other = (list(islice(cuts_of(50, 0.5, seed=(1, epoch)), 4)) for epoch in (1, 1, 2))
    assert all(np.array_equal(one, same) for one, same in zip(first, again, strict=True))  # type: ignore[arg-type]
    assert not np.array_equal(first[0], other[0])  # type: ignore[arg-type]


def test_no_share_keeps_all_steps_and_a_tiny_one_a_single_step() -> None:
    assert list(islice(cuts_of(50, None, seed=(1,)), 3)) == [None] * 3
    assert all(cut is not None and len(cut) == 1 for cut in islice(cuts_of(5, 0.01, seed=(1,)), 4))

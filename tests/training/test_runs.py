import json

import pytest

from training.own_videos import few_videos_run, own_videos_run, own_videos_without_words_run
from training.paper_runs import paper_runs
from training.plain import plain
from training.runs import RUNS
from training.starter_runs import starter_run, starter_with_intra_run


@pytest.mark.parametrize("name", sorted(RUNS))
def test_a_name_gives_the_run_of_that_name_complete_and_always_the_same(name: str) -> None:
    runs = RUNS[name]()
    assert runs[0].name == name
    assert RUNS[name]() == runs
    assert len({run.name for run in runs}) == len(runs)


@pytest.mark.parametrize("name", sorted(RUNS))
def test_every_run_can_be_written_down(name: str) -> None:
    for run in RUNS[name]():
        written = json.loads(json.dumps(plain(run)))
        assert set(written) == set(run.__dataclass_fields__)
        assert written["objective"]["kind"] == run.objective.kind


def test_every_run_of_the_papers_can_be_trained_by_name() -> None:
    assert {name: RUNS[name]() for name in paper_runs()} == {name: (run,) for name, run in paper_runs().items()}


def test_the_starter_is_compared_with_the_intra_loss_and_kept_without() -> None:
    assert RUNS["starter_run"]() == (starter_run(), starter_with_intra_run())


def test_ones_own_videos_have_three_runs() -> None:
    assert RUNS["own_videos_run"]() == (own_videos_run(),)
    assert RUNS["own_videos_without_words_run"]() == (own_videos_without_words_run(),)
    assert RUNS["few_videos_run"]() == (few_videos_run(),)


def test_no_two_names_stand_for_the_same_settings() -> None:
    settings = [json.dumps({**plain(RUNS[name]()[0]), "name": ""}, sort_keys=True) for name in RUNS]
    assert len(set(settings)) == len(settings)

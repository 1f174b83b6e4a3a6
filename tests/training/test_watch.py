import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.training.pairs_at_random import tiny_run, write_random_pairs
from training.epochs import Epoch
from training.loop import Listener, Prepared, train
from training.pair_set_reader import open_pair_set
from training.setup import prepare
from training.watch import Watch


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=64))
    return prepare(replace(tiny_run(), epochs=2, batch_pairs=12), pairs)


@pytest.fixture
def shown() -> io.StringIO:
    return io.StringIO()


def console(shown: io.StringIO) -> Console:
    return Console(file=shown, width=300, force_terminal=False)


def test_a_run_is_shown_and_logged_epoch_by_epoch(prepared: Prepared, shown: io.StringIO, tmp_path: Path) -> None:
    with Watch(tmp_path / "run", prepared, console(shown)) as watch:
        trained = train(prepared, listener=watch.listener())
    lines = [line for line in shown.getvalue().splitlines() if line.startswith("epoch")]
    assert [line.split()[1] for line in lines] == ["1", "2"]
    assert f"loss {trained.epochs[1].loss:.4f}" in lines[1]
    assert len((tmp_path / "run" / "log.jsonl").read_text().splitlines()) == 2


def test_the_bar_counts_the_pairs_that_are_trained_and_is_full_at_the_end(
    prepared: Prepared, shown: io.StringIO, tmp_path: Path
) -> None:
    with Watch(tmp_path / "run", prepared, console(shown)) as watch:
        train(prepared, listener=watch.listener())
    # Of 32 pairs two whole batches of 12 an epoch.
    assert "48/48" in shown.getvalue()
    assert "tiny_run on cpu" in shown.getvalue()


def test_a_run_that_goes_on_says_so_and_counts_what_was_done(
    prepared: Prepared, shown: io.StringIO, tmp_path: Path
) -> None:
    with Watch(tmp_path / "run", prepared, console(shown)) as watch:
        watch.listener().on_resumed([Epoch(1, 2.5, {}, {}, {})])
    assert "goes on after epoch 1" in shown.getvalue()
    assert "24/48" in shown.getvalue()


def test_a_run_that_begins_does_not_say_that_it_goes_on(prepared: Prepared, shown: io.StringIO, tmp_path: Path) -> None:
    with Watch(tmp_path / "run", prepared, console(shown)) as watch:
        watch.listener().on_resumed([])
    assert "goes on" not in shown.getvalue()


def test_a_failure_comes_through_and_leaves_what_was_logged(
    prepared: Prepared, shown: io.StringIO, tmp_path: Path
) -> None:
    def fail_in_the_second(epoch: Epoch) -> None:
        if epoch.number == 2:
            raise KeyError("in the second epoch")
        watch.on_epoch(epoch)

    with pytest.raises(KeyError, match="second"), Watch(tmp_path / "run", prepared, console(shown)) as watch:
        train(prepared, listener=Listener(on_epoch=fail_in_the_second))
    assert json.loads((tmp_path / "run" / "log.jsonl").read_text())["number"] == 1

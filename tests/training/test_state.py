import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from tests.training.pairs_at_random import (
    LINEAR,
    LSTM,
    image_design,
    tiny_run,
    write_labelled_images,
    write_random_pairs,
)
from training.design import ModelDesign, TowerDesign
from training.drawing import WithinClasses
from training.epochs import Epoch
from training.loop import Listener, Trained, train
from training.losses import Losses
from training.objectives import CME
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.run_config import RunConfig
from training.setup import prepare

LINEAR_SIDES = ModelDesign(5, TowerDesign("video", LINEAR, 8), TowerDesign("music", LINEAR, 8))


class Killed(Exception):
    """Stands for a signal: nothing in training catches it."""


@pytest.fixture
def pairs(tmp_path: Path) -> PairSet:
    return open_pair_set(write_random_pairs(tmp_path / "pairs", count=64))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "run" / "state.safetensors"


def run_with_everything() -> RunConfig:
    """All that has a state or draws: dropout, noise, text mix, two-layer towers, warm-up, cosine, running mean."""
    run = tiny_run()
    deep = LSTM.model_copy(update={"layers": 2, "dropout": 0.3})
    design = replace(run.design, query=replace(run.design.query, sequence_encoder=deep))
    return replace(
        run, design=design, epochs=5, warmup_epochs=1.5, feature_noise=0.3, weight_average=0.8, text_learning_rate=3e-2
    )


def killed_in_step(number: int) -> Listener:
    heard: list[int] = []

    def on_step(count: int, _: Losses) -> None:
        heard.append(count)
        if len(heard) == number:
            raise Killed

    return Listener(on_step)


def trained(run: RunConfig, pairs: PairSet, state: Path | None = None, listener: Listener | None = None) -> Trained:
    return train(prepare(run, pairs), state_file=state, listener=listener)


def killed(run: RunConfig, pairs: PairSet, state: Path, *, step: int) -> None:
    with pytest.raises(Killed):
        trained(run, pairs, state, killed_in_step(step))


def assert_same(resumed: Trained, unbroken: Trained) -> None:
    assert resumed.epochs == unbroken.epochs
    assert resumed.kept_epoch == unbroken.kept_epoch
    expected = unbroken.model.state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in resumed.model.state_dict().items())


def two_steps_an_epoch(epochs: int) -> int:
    """The first step of the epoch after."""
    return 2 * epochs + 1


@pytest.mark.parametrize("done", [1, 3])
@pytest.mark.parametrize(
    "change",
    [
        lambda run: run,
        lambda run: replace(run, keep="last", weight_average=None, schedule="constant"),
        lambda run: replace(run, precision="bf16"),
        # No processor computes LSTMs in float16.
        lambda run: replace(run, precision="fp16", design=LINEAR_SIDES),
    ],
)
def test_a_run_that_is_killed_and_goes_on_ends_as_if_it_had_not_been(
    pairs: PairSet, state: Path, change: Callable[[RunConfig], RunConfig], done: int
) -> None:
    run = change(run_with_everything())
    killed(run, pairs, state, step=two_steps_an_epoch(done))
    resumed_after: list[int] = []
    heard: list[Epoch] = []
    listener = Listener(on_epoch=heard.append, on_resumed=lambda epochs: resumed_after.append(len(epochs)))
    resumed = trained(run, pairs, state, listener)
    assert resumed_after == [done]
    assert [epoch.number for epoch in heard] == list(range(done + 1, 6))
    assert_same(resumed, trained(run, pairs))


def test_a_run_may_be_killed_several_times_and_in_the_middle_of_an_epoch(pairs: PairSet, state: Path) -> None:
    run = run_with_everything()
    # In the second epoch, in the third, and in the third again.
    for step in (4, 4, 1):
        killed(run, pairs, state, step=step)
    assert_same(trained(run, pairs, state), trained(run, pairs))


def test_what_was_kept_before_the_kill_is_still_the_best(
    pairs: PairSet, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Epoch, "score", lambda epoch: -epoch.number)
    run = run_with_everything()
    killed(run, pairs, state, step=two_steps_an_epoch(3))
    resumed = trained(run, pairs, state)
    assert resumed.kept_epoch == 1
    assert_same(resumed, trained(run, pairs))


def test_a_run_with_a_loss_that_has_weights_and_one_tower_for_both_sides_goes_on(tmp_path: Path, state: Path) -> None:
    images = open_pair_set(write_labelled_images(tmp_path / "images", count=48))
    run = replace(
        run_with_everything(), design=image_design(), objective=CME(), drawing=WithinClasses(), batch_pairs=3, epochs=2
    )
    killed(run, images, state, step=9)
    resumed = trained(run, images, state)
    assert_same(resumed, trained(run, images))
    assert resumed.model.query is resumed.model.target


def test_a_run_that_is_done_is_not_trained_again(pairs: PairSet, state: Path) -> None:
    run = run_with_everything()
    first = trained(run, pairs, state)
    assert_same(trained(run, pairs, state, killed_in_step(1)), first)


def test_a_broken_file_that_was_never_renamed_is_not_taken(pairs: PairSet, state: Path) -> None:
    run = run_with_everything()
    killed(run, pairs, state, step=two_steps_an_epoch(2))
    state.with_suffix(".tmp").write_bytes(state.read_bytes()[:1000])
    resumed_after: list[int] = []
    assert_same(
        trained(run, pairs, state, Listener(on_resumed=lambda epochs: resumed_after.append(len(epochs)))),
        trained(run, pairs),
    )
    assert resumed_after == [2]
    assert not state.with_suffix(".tmp").exists()


def test_where_only_a_broken_file_stands_a_run_begins_at_the_beginning(pairs: PairSet, state: Path) -> None:
    state.parent.mkdir()
    state.with_suffix(".tmp").write_bytes(b"half a file")
    resumed_after: list[int] = []
    trained(tiny_run(), pairs, state, Listener(on_resumed=lambda epochs: resumed_after.append(len(epochs))))
    assert resumed_after == [0]


def test_a_state_that_cannot_be_written_leaves_the_one_before(
    pairs: PairSet, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(run_with_everything(), pairs, state, step=two_steps_an_epoch(1))
    before = state.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.state.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        trained(run_with_everything(), pairs, state)
    assert state.read_bytes() == before


def test_the_state_is_tensors_and_plain_json(pairs: PairSet, state: Path) -> None:
    done = trained(run_with_everything(), pairs, state)
    with safe_open(state, framework="pt") as file:
        kinds = {name.split(".", 1)[0] for name in file.keys()}  # noqa: SIM118 - it is no dictionary
        document = json.loads(file.metadata()["run"])
    assert kinds == {"model", "loss", "average", "kept", "optimiser"}
    assert [epoch["loss"] for epoch in document["epochs"]] == [epoch.loss for epoch in done.epochs]
    # The cosine has come to its end.
    assert document["steps"] == 10
    assert document["rates"] == [0.0] * 3

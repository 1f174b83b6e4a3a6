import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from app.encoders.spec import digest_of, read_spec
from tests.training.pairs_at_random import (
    LINEAR,
    captioned_design,
    tiny_encoder,
    tiny_run,
    write_captioned_pairs,
    write_random_pairs,
)
from training.checkpoints import load_model
from training.design import ModelDesign, TowerDesign
from training.epochs import Epoch
from training.errors import PairSetError
from training.objectives import CCA
from training.pair_set import PairSet
from training.pair_set_reader import open_pair_set
from training.ranks import Ranks
from training.run_config import RunConfig
from training.running import Finished, fingerprint, is_replaceable, put, run_to_end, save
from training.watch import Watch


class Killed(Exception):
    """Stands for a signal: nothing in training catches it."""


@pytest.fixture
def pairs(tmp_path: Path) -> PairSet:
    return open_pair_set(write_random_pairs(tmp_path / "pairs", count=64))


def ended(run: RunConfig, pairs: PairSet, tmp_path: Path) -> Finished:
    return run_to_end(run, pairs, unfinished=tmp_path / "out.unfinished", console=Console(quiet=True), ranks=Ranks())


def killed_after(epoch: int, run: RunConfig, pairs: PairSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(watch: Watch, done: Epoch) -> None:
        told(watch, done)
        if done.number == epoch:
            raise Killed

    told = Watch.on_epoch
    with monkeypatch.context() as patched:
        patched.setattr(Watch, "on_epoch", kill)
        with pytest.raises(Killed):
            ended(run, pairs, tmp_path)


def test_a_run_that_was_broken_off_goes_on_and_comes_to_the_same(
    pairs: PairSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = replace(tiny_run(), epochs=4)
    unbroken = ended(run, pairs, tmp_path / "unbroken")
    killed_after(2, run, pairs, tmp_path, monkeypatch)
    again = ended(run, pairs, tmp_path)
    assert again.trained.epochs == unbroken.trained.epochs
    assert again.test == unbroken.test
    logs = [(done.log_folder / "log.jsonl").read_text() for done in (again, unbroken)]
    assert logs[0] == logs[1]


@pytest.mark.parametrize(
    "change", [lambda run: replace(run, learning_rate=1e-3), lambda run: replace(run, seed=5, name="tiny_run")]
)
def test_a_run_with_other_settings_does_not_go_on_from_it(
    pairs: PairSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[RunConfig], RunConfig]
) -> None:
    run = replace(tiny_run(), epochs=2)
    killed_after(1, run, pairs, tmp_path, monkeypatch)
    other = ended(change(run), pairs, tmp_path / "elsewhere")
    beside = ended(change(run), pairs, tmp_path)
    assert beside.trained.epochs == other.trained.epochs


def test_other_pairs_are_another_run(tmp_path: Path) -> None:
    sets = [open_pair_set(write_random_pairs(tmp_path / name, count=count)) for name, count in (("a", 8), ("b", 8))]
    assert len({fingerprint(tiny_run(), pairs) for pairs in sets}) == 2
    assert fingerprint(tiny_run(), sets[0]) == fingerprint(tiny_run(), sets[0])


def test_only_the_first_process_evaluates_on_the_test_split_and_logs(pairs: PairSet, tmp_path: Path) -> None:
    design = ModelDesign(3, TowerDesign("video", LINEAR, 8), TowerDesign("music", LINEAR, 8))
    run = replace(tiny_run(), design=design, objective=CCA())
    for ranks, kinds in ((Ranks(0, 2), ["alone"]), (Ranks(1, 2), [])):
        place = tmp_path / f"of-{ranks.rank}"
        found = run_to_end(run, pairs, unfinished=place, console=Console(quiet=True), ranks=ranks)
        assert list(found.test) == kinds
        assert place.exists() is ranks.is_first


def test_canonical_correlation_is_saved_like_any_other_run(pairs: PairSet, tmp_path: Path) -> None:
    design = ModelDesign(3, TowerDesign("video", LINEAR, 8), TowerDesign("music", LINEAR, 8))
    finished = ended(replace(tiny_run(), design=design, objective=CCA()), pairs, tmp_path)
    save(tmp_path / "out", finished, pairs, report="a table")
    loaded = load_model(tmp_path / "out")
    assert loaded.about["epochs"][0]["figures"]["correlation"] > 0.7
    assert loaded.spec.query.sequence_encoder == LINEAR
    assert (tmp_path / "out" / "log.jsonl").read_text().count("\n") == 1


def test_pairs_measured_with_our_backbones_make_a_checkpoint_that_serves(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=64, measured=True))
    digest = save(tmp_path / "mine", ended(tiny_run(), pairs, tmp_path), pairs, report="a table")
    served = read_spec(tmp_path / "mine")
    assert digest_of(tmp_path / "mine") == digest
    assert served.name == "mine"
    assert served.about["run"]["name"] == "tiny_run"
    assert (tmp_path / "mine" / "report.md").read_text() == "a table\n"
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {
        *("encoder.json", "weights.safetensors", "run.json", "report.md", "log.jsonl", "tensorboard")
    }


def test_a_run_for_a_named_encoder_keeps_its_name(tmp_path: Path) -> None:
    pairs = open_pair_set(write_random_pairs(tmp_path / "pairs", count=64, measured=True))
    finished = ended(replace(tiny_run(), encoder=tiny_encoder(), epochs=1), pairs, tmp_path)
    save(tmp_path / "mine", finished, pairs, report="a table")
    assert read_spec(tmp_path / "mine").name == "tiny"


def test_features_of_elsewhere_make_a_research_checkpoint(tmp_path: Path) -> None:
    sounds = open_pair_set(write_captioned_pairs(tmp_path / "captioned", count=64))
    finished = ended(replace(tiny_run(), design=captioned_design(), epochs=1), sounds, tmp_path)
    digest = save(tmp_path / "out", finished, sounds, report="a table")
    loaded = load_model(tmp_path / "out")
    assert (loaded.digest, loaded.spec) == (digest, finished.trained.spec)
    assert loaded.about == json.loads((tmp_path / "out" / "run.json").read_text())
    expected = finished.trained.model.state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in loaded.model.state_dict().items())


def test_a_checkpoint_is_replaced_whole_and_nothing_is_left_beside_it(pairs: PairSet, tmp_path: Path) -> None:
    finished = ended(replace(tiny_run(), epochs=1), pairs, tmp_path)
    for report in ("first", "second"):
        save(tmp_path / "out", finished, pairs, report=report)
        assert not (tmp_path / "out" / "stale.txt").exists()
        (tmp_path / "out" / "stale.txt").write_text("of before")
    assert (tmp_path / "out" / "report.md").read_text() == "second\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.unfinished", "pairs"]


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(
    pairs: PairSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = ended(replace(tiny_run(), epochs=1), pairs, tmp_path)
    save(tmp_path / "out", finished, pairs, report="first")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.running.save_record", full)
    with pytest.raises(OSError, match="No space left"):
        save(tmp_path / "out", finished, pairs, report="second")
    assert (tmp_path / "out" / "report.md").read_text() == "first\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.unfinished", "pairs"]


def test_pairs_that_do_not_fit_leave_no_folder_behind(pairs: PairSet, tmp_path: Path) -> None:
    with pytest.raises(PairSetError):
        ended(replace(tiny_run(), batch_pairs=1_000), pairs, tmp_path)
    assert not (tmp_path / "out.unfinished").exists()


@pytest.mark.parametrize(
    ("name", "content", "may_be"),
    [
        ("encoder.json", "{}", True),
        ("model.json", "{}", True),
        ("thesis.txt", "years of work", False),
        (None, None, True),
    ],
)
def test_only_checkpoints_and_empty_folders_are_replaced(
    tmp_path: Path, name: str | None, content: str | None, may_be: bool
) -> None:
    out = tmp_path / "out"
    assert is_replaceable(out)
    out.mkdir()
    if name is not None and content is not None:
        (out / name).write_text(content)
    assert is_replaceable(out) is may_be


def test_a_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    assert not is_replaceable(tmp_path / "out")


def test_a_checkpoint_that_cannot_be_put_in_place_leaves_the_one_before(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "model.json").write_text("before")
    with pytest.raises(FileNotFoundError):
        put(tmp_path / "never-written", out, tmp_path / "aside")
    assert (out / "model.json").read_text() == "before"

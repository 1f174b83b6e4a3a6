import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.multiprocessing.spawn import spawn

from tests.training.pairs_at_random import write_labelled_images, write_random_pairs
from tests.training.two_ranks import COUNT, Places, learnt, runs_of_one_step, work
from training.errors import UnevenBatch
from training.ranks import Ranks, own_device, ranks_of_environment

TOP = Path(__file__).parents[2]
# They take seconds; whoever waits longer waits for ever.
PATIENCE_S = 120.0
SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.training.pairs_at_random import tiny_encoder, tiny_run
from training import train
from training.run_config import ProceduralPairs

def drawn(*_, **__):
    with Path("drawn.txt").open("a") as told:
        told.write("drawn")
    return Path(sys.argv.pop())

run = replace(tiny_run(), encoder=tiny_encoder(), procedural_pairs=ProceduralPairs(1, 1, 1, 1))
train.RUNS["tiny_run"] = lambda: (run,)
train.procedural_pair_set = drawn
train.main(sys.argv[1:-1])
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    folder = tmp_path_factory.mktemp("ranks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Places(
        write_random_pairs(folder / "pairs", count=64),
        write_labelled_images(folder / "images", count=24),
        port,
        folder,
    )


@pytest.fixture(scope="module")
def found(places: Places) -> list[dict[str, Any]]:
    """What each of two processes found, over gloo on this machine."""
    processes = spawn(work, (places,), nprocs=COUNT, join=False)
    deadline = time.monotonic() + PATIENCE_S
    try:
        while not processes.join(timeout=1.0):
            assert time.monotonic() < deadline, "the ranks wait for each other"
    finally:
        for process in processes.processes:
            process.kill()
    return [torch.load(places.out / f"rank-{rank}.pt", weights_only=True) for rank in range(COUNT)]


@contextmanager
def started(command: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """With every process it starts, ended at the latest at the end."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(TOP)}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.parametrize("name", list(runs_of_one_step()))
def test_two_processes_have_the_gradients_of_one_with_the_whole_batch(
    places: Places, found: list[dict[str, Any]], name: str
) -> None:
    alone = learnt(runs_of_one_step()[name], places.images if name == "images" else places.pairs, None)
    for one in found:
        assert one[name]["losses"] == pytest.approx(alone["losses"], rel=1e-6)
        assert one[name]["gradients"].keys() == alone["gradients"].keys()
        for weight, expected in alone["gradients"].items():
            torch.testing.assert_close(one[name]["gradients"][weight], expected, rtol=1e-4, atol=1e-7, msg=weight)


def test_the_words_the_classes_and_the_scale_of_the_logits_are_among_the_gradients(found: list[dict[str, Any]]) -> None:
    words, images = found[0]["words"]["gradients"], found[0]["images"]["gradients"]
    for gradient in (words["loss.scale.exponent"], words["model.text_state.reduce.weight"]):
        assert gradient.abs().max() > 1e-4
    assert images["loss.classifier.weight"].abs().max() > 1e-4


def test_each_process_knows_its_place_and_hears_what_the_first_one_made(found: list[dict[str, Any]]) -> None:
    assert [one["rank"] for one in found] == [(0, 2, True), (1, 2, False)]
    assert [one["shared"] for one in found] == ["made by 0"] * 2


def test_the_processes_part_in_the_end(found: list[dict[str, Any]]) -> None:
    assert [one["is over"] for one in found] == [True, True]


def test_a_batch_that_does_not_divide_is_refused(found: list[dict[str, Any]]) -> None:
    assert [one["refusal"] for one in found] == ["31 pairs a batch do not divide among 2 processes"] * 2


def test_processes_that_were_killed_together_go_on_together_from_the_state_of_the_first(
    places: Places, found: list[dict[str, Any]]
) -> None:
    assert len(found[0]["unbroken"]) == 4
    assert all(one["resumed"] == found[0]["unbroken"] for one in found)
    assert (places.out / "state-of-0").exists()
    assert not (places.out / "state-of-1").exists()


def test_a_batch_is_parted_among_the_processes_in_order() -> None:
    assert [list(range(12))[Ranks(rank, 3).part(12)] for rank in range(3)] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9, 10, 11],
    ]
    with pytest.raises(UnevenBatch, match="11 pairs a batch do not divide among 3 processes"):
        Ranks(0, 3).part(11)


def test_a_process_alone_shares_with_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with ranks_of_environment(torch.device("cpu")) as ranks:
        assert ranks == Ranks(0, 1)
        assert ranks.is_first
        assert ranks.share(lambda: 7) == 7
        embeddings = torch.ones(2, 3)
        assert ranks.all_embeddings(embeddings) is embeddings
        assert not torch.distributed.is_initialized()


def test_of_several_gpus_each_process_takes_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    assert own_device(torch.device("cuda")) == torch.device("cuda")
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert own_device(torch.device("cuda")) == torch.device("cuda", 3)
    assert own_device(torch.device("cpu")) == torch.device("cpu")


def test_on_gpus_the_processes_meet_over_nccl_each_with_its_own_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setattr(torch.cuda, "set_device", done.append)
    monkeypatch.setattr(torch.distributed, "init_process_group", done.append)
    monkeypatch.setattr(torch.distributed, "get_rank", lambda: 2)
    monkeypatch.setattr(torch.distributed, "destroy_process_group", lambda: done.append("parted"))
    with ranks_of_environment(torch.device("cuda", 2)) as ranks:
        assert ranks == Ranks(2, 4)
        assert done == [torch.device("cuda", 2), "nccl"]
    assert done == [torch.device("cuda", 2), "nccl", "parted"]


def test_the_command_under_torchrun_draws_pairs_once_and_writes_one_checkpoint_and_one_log(
    places: Places, tmp_path: Path
) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={COUNT}"]
    arguments = ["script.py", "tiny_run", "--out", str(tmp_path / "out"), str(places.pairs)]
    with started([*torchrun, *arguments], tmp_path) as process:
        shown, complaints = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, complaints
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drawn.txt", "out", "script.py"]
    assert (tmp_path / "drawn.txt").read_text() == "drawn"
    assert len((tmp_path / "out" / "log.jsonl").read_text().splitlines()) == 3
    assert len(list((tmp_path / "out" / "tensorboard").iterdir())) == 1
    assert shown.count("checkpoint ") == 1
    assert shown.count("| tiny_run | with both") == 2

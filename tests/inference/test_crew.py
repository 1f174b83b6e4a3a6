"""Supervision, with real processes that run a fake worker."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing.connection import wait
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from app.errors import DeviceUnavailable, EncoderUnavailable, MediaTookTooLong, UnreadableMedia, WorkerDefect
from app.inference import member, worker_process
from app.inference.crew import Crew
from app.inference.job_queue import Job
from app.inference.worker_process import WorkerKind
from tests.inference.fake_worker import (
    BatchSize,
    Echo,
    Environment,
    FakeSetup,
    Gate,
    Hang,
    Hog,
    Pid,
    Raise,
    Signal,
    Unreadable,
    Unspeakable,
)

ROOT = Path(__file__).parent.parent.parent
# Far beyond what anything here takes: an answer that never comes fails its test instead of holding up the suite.
PATIENCE_S = 30.0


def fake_kind(
    setup: FakeSetup | None = None, *, max_batch: int = 1, time_limit_s: float = PATIENCE_S, module: str | None = None
) -> WorkerKind:
    return WorkerKind(
        name="fake",
        module=module or "tests.inference.fake_worker",
        setup=setup or FakeSetup(),
        time_limit_s=time_limit_s,
        too_late=lambda: MediaTookTooLong(limit_s=time_limit_s),
        max_batch=max_batch,
    )


def answer(future: Future[Any]) -> Any:
    return future.result(timeout=PATIENCE_S)


def has_ended(pid: int) -> bool:
    """Whether the process is gone, or goes soon."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], PATIENCE_S)[0])
    finally:
        os.close(handle)


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(round(PATIENCE_S / 0.01)):
        if is_so():
            return
        Event().wait(0.01)
    pytest.fail("waited in vain")


@pytest.fixture
def crew() -> Iterator[Crew]:
    with Crew(fake_kind(max_batch=4), count=1) as crew:
        yield crew


@pytest.fixture
def pipe(tmp_path: Path) -> Callable[[str], Path]:
    def named_pipe(name: str) -> Path:
        os.mkfifo(tmp_path / name)
        return tmp_path / name

    return named_pipe


def test_jobs_are_answered(crew: Crew) -> None:
    assert [answer(future) for future in [crew.submit(Echo("one")), crew.submit(Echo("two"))]] == ["one", "two"]


def test_a_process_killed_at_work_fails_its_job_and_the_next_one_is_answered(
    crew: Crew, pipe: Callable[[str], Path]
) -> None:
    busy, waiting = Hang(pipe("reached")), Echo("next")
    held = crew.submit(busy)
    worker = int(busy.reached.read_text())
    queued = crew.submit(waiting)
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(EncoderUnavailable):
        answer(held)
    assert answer(queued) == "next"
    assert crew.status()[0].restarts == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_job_that_ends_its_process_fails_alone_and_is_not_tried_again(crew: Crew, number: signal.Signals) -> None:
    with pytest.raises(EncoderUnavailable):
        answer(crew.submit(Signal(number)))
    assert answer(crew.submit(Echo("next"))) == "next"
    assert crew.status()[0].restarts == 1


def test_a_process_killed_while_idle_is_replaced_without_being_asked(crew: Crew) -> None:
    worker = answer(crew.submit(Pid()))
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: crew.status()[0].is_ready and crew.status()[0].pid != worker)
    assert answer(crew.submit(Echo("next"))) == "next"


def test_jobs_given_to_a_process_that_had_ended_are_done_by_the_next_one_in_their_order(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "IDLE_CHECK_S", PATIENCE_S)  # so that only the broken pipe can tell
    worker = answer(crew.submit(Pid()))
    os.kill(worker, signal.SIGKILL)
    assert has_ended(worker)
    futures = [crew.submit(Echo(str(place))) for place in range(8)]
    assert [answer(future) for future in futures] == [str(place) for place in range(8)]


def test_a_job_beyond_its_time_limit_fails_and_its_process_is_killed(pipe: Callable[[str], Path]) -> None:
    with Crew(fake_kind(time_limit_s=1.0), count=1) as crew:
        job = Hang(pipe("reached"))
        held = crew.submit(job)
        worker = int(job.reached.read_text())
        with pytest.raises(MediaTookTooLong):
            answer(held)
        assert has_ended(worker)
        assert answer(crew.submit(Echo("next"))) == "next"


def test_a_batch_is_what_waits_when_the_process_is_free_up_to_the_largest_batch(
    crew: Crew, pipe: Callable[[str], Path]
) -> None:
    gate = Gate(pipe("reached"), pipe("opened"))
    held = crew.submit(gate)
    gate.reached.read_text()
    waiting = [crew.submit(BatchSize()) for _ in range(6)]
    gate.opened.write_text("go")
    answer(held)
    assert [answer(future) for future in waiting] == [4, 4, 4, 4, 2, 2]


def test_a_lone_job_does_not_wait_for_a_batch_to_fill(crew: Crew) -> None:
    assert answer(crew.submit(BatchSize())) == 1


def test_one_bad_job_of_a_batch_fails_alone(crew: Crew, pipe: Callable[[str], Path]) -> None:
    gate = Gate(pipe("reached"), pipe("opened"))
    crew.submit(gate)
    gate.reached.read_text()
    first, bad, last = [crew.submit(job) for job in (Echo("first"), Raise(ValueError("a secret")), Echo("last"))]
    gate.opened.write_text("go")
    assert [answer(first), answer(last)] == ["first", "last"]
    with pytest.raises(WorkerDefect) as caught:
        answer(bad)
    assert "a secret" in caught.value.trace
    assert "a secret" not in str(caught.value)


def test_an_error_of_our_own_travels_as_it_is_and_the_process_lives_on(crew: Crew) -> None:
    with pytest.raises(UnreadableMedia, match="no moov atom"):
        answer(crew.submit(Raise(UnreadableMedia(reason="no moov atom"))))
    assert answer(crew.submit(Echo("next"))) == "next"
    assert crew.status()[0].restarts == 0


def test_a_process_out_of_memory_fails_the_job_and_lives_on(crew: Crew) -> None:
    with pytest.raises(WorkerDefect) as caught:
        answer(crew.submit(Hog()))
    assert "MemoryError" in caught.value.trace
    assert crew.status()[0].restarts == 0


@pytest.mark.parametrize("job", [Unspeakable(), Unreadable()])
def test_an_answer_that_cannot_be_sent_or_read_keeps_nobody_waiting(crew: Crew, job: Job[Any]) -> None:
    with pytest.raises(EncoderUnavailable):
        answer(crew.submit(job))
    assert answer(crew.submit(Echo("next"))) == "next"


def test_threads_of_a_process_that_wait_for_each_other_sleep(crew: Crew) -> None:
    # Or they take from the decoders on the same cores what they burn.
    assert answer(crew.submit(Environment("OMP_WAIT_POLICY"))) == "PASSIVE"


def test_a_time_limit_is_for_each_job_of_a_batch(pipe: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float] = []

    def noting(waited_for: list[Any], timeout: float) -> list[Any]:
        limits.append(timeout)
        return list(wait(waited_for, timeout))

    monkeypatch.setattr(worker_process, "wait", noting)
    with Crew(fake_kind(time_limit_s=10.0, max_batch=4), count=1) as crew:
        gate = Gate(pipe("reached"), pipe("opened"))
        crew.submit(gate)
        gate.reached.read_text()
        batch = [crew.submit(BatchSize()) for _ in range(3)]
        gate.opened.write_text("go")
        assert [answer(future) for future in batch] == [3, 3, 3]
    assert limits[1:] == [10.0, 30.0]


def test_two_processes_work_side_by_side(pipe: Callable[[str], Path]) -> None:
    with Crew(fake_kind(), count=2) as crew:
        gates = [Gate(pipe(f"reached{place}"), pipe(f"opened{place}")) for place in range(2)]
        held = [crew.submit(gate) for gate in gates]
        workers = {gate.reached.read_text() for gate in gates}
        for gate in gates:
            gate.opened.write_text("go")
        assert [answer(future) for future in held] == [None, None]
        assert len(workers) == 2
        assert [status.name for status in crew.status()] == ["fake-1", "fake-2"]


def test_closing_fails_what_waits_and_what_is_being_done_and_leaves_no_process(pipe: Callable[[str], Path]) -> None:
    with Crew(fake_kind(), count=1) as crew:
        job = Hang(pipe("reached"))
        held = crew.submit(job)
        worker = int(job.reached.read_text())
        queued = crew.submit(Echo("never"))
    for future in (held, queued, crew.submit(Echo("too late"))):
        with pytest.raises(EncoderUnavailable):
            answer(future)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)  # a zombie would still be found


def test_closing_does_not_wait_for_the_next_look_at_an_idle_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member, "IDLE_CHECK_S", 10 * PATIENCE_S)
    with ExitStack() as stack:
        crew = stack.enter_context(Crew(fake_kind(), count=1))
        answer(crew.submit(Echo("idle from now on")))
        closing = Thread(target=stack.pop_all().close, daemon=True)
        closing.start()
        closing.join(PATIENCE_S)
        assert not closing.is_alive()


def test_closing_does_not_wait_for_a_process_that_is_still_loading(pipe: Callable[[str], Path]) -> None:
    reached = pipe("reached")
    with Crew(fake_kind(FakeSetup(hangs_at=reached)), count=1) as crew:
        queued = crew.submit(Echo("never"))
        worker = int(reached.read_text())
    with pytest.raises(EncoderUnavailable):
        answer(queued)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_a_start_beyond_its_time_limit_is_given_up(pipe: Callable[[str], Path]) -> None:
    kind = replace(fake_kind(FakeSetup(hangs_at=pipe("reached"))), start_limit_s=0.0)
    with Crew(kind, count=1) as crew, pytest.raises(EncoderUnavailable):
        crew.wait_until_ready()


def test_a_start_that_cannot_succeed_is_told_and_not_repeated() -> None:
    with Crew(fake_kind(FakeSetup(fails_with=DeviceUnavailable(device="cuda"))), count=1) as crew:
        with pytest.raises(DeviceUnavailable, match="cuda"):
            crew.wait_until_ready()
        with pytest.raises(EncoderUnavailable):
            answer(crew.submit(Echo("never")))
        [status] = crew.status()
        assert (status.restarts, status.is_ready) == (0, False)
        assert "cuda" in str(status.failure)


@pytest.mark.parametrize("module", ["tests.inference.fake_worker", "tests.inference.missing"])
def test_a_worker_that_breaks_at_its_start_is_told_as_a_defect(module: str) -> None:
    kind = fake_kind(FakeSetup(breaks=True), module=module)
    with Crew(kind, count=1) as crew, pytest.raises(WorkerDefect):
        crew.wait_until_ready()


def test_a_process_that_dies_at_its_start_is_tried_again_until_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle_lives: list[int] = []

    def no_pause(lives: int) -> float:
        idle_lives.append(lives)
        return 0.0

    monkeypatch.setattr(member, "pause_s", no_pause)
    deadly = tmp_path / "deadly"
    deadly.touch()
    with Crew(fake_kind(FakeSetup(dies_while=deadly)), count=1) as crew:
        with pytest.raises(EncoderUnavailable):
            crew.wait_until_ready()
        with pytest.raises(EncoderUnavailable):
            answer(crew.submit(Echo("refused at once")))
        wait_until(lambda: len(idle_lives) > 3)
        deadly.unlink()
        wait_until(lambda: crew.status()[0].is_ready)
        assert answer(crew.submit(Echo("again"))) == "again"
        assert crew.status()[0].restarts >= 3
        assert crew.status()[0].failure is None
        assert idle_lives == list(range(len(idle_lives)))
        with pytest.raises(EncoderUnavailable):
            answer(crew.submit(Signal(signal.SIGKILL)))
        assert answer(crew.submit(Echo("at once"))) == "at once"
        assert idle_lives[-1] == 0


def test_pauses_between_starts_in_vain_grow_to_a_limit() -> None:
    assert [member.pause_s(idle_lives) for idle_lives in (0, 1, 2, 3, 4, 100)] == [0.0, 0.0, 0.5, 1.0, 2.0, 30.0]


PARENT = """
import sys
from pathlib import Path
from app.inference.crew import Crew
from tests.inference.fake_worker import Hang, Pid
from tests.inference.test_crew import fake_kind

with Crew(fake_kind(), count=2) as crew:
    crew.wait_until_ready()
    crew.submit(Hang(Path(sys.argv[1])))
    print(*[status.pid for status in crew.status()], flush=True)
    sys.stdin.read()
"""


def test_no_process_outlives_a_killed_parent(pipe: Callable[[str], Path], tmp_path: Path) -> None:
    reached, script = pipe("reached"), tmp_path / "parent.py"
    script.write_text(PARENT)
    command = [sys.executable, str(script), str(reached)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        reached.read_text()
        parent.kill()
        parent.wait()
    assert len(workers) == 2
    assert all(has_ended(worker) for worker in workers)


def test_a_worker_does_not_run_the_main_module_again(tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(
        "print('main ran')\n"
        "from app.inference.crew import Crew\n"
        "from tests.inference.fake_worker import Echo\n"
        "from tests.inference.test_crew import fake_kind\n"
        "with Crew(fake_kind(), count=1) as crew:\n"
        "    print(crew.submit(Echo('answered')).result())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=environment, check=True, timeout=PATIENCE_S
    )
    assert told.stdout.split("\n") == ["main ran", "answered", ""]
    assert told.stderr == ""

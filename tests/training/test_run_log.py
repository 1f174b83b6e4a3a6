import json
import struct
import threading
from pathlib import Path

import pytest

from training.converters.tfrecord import Record, read_records
from training.epochs import Epoch
from training.evaluation import BothWays, Recalls
from training.run_log import EVENTS_FOLDER, LOG_FILE, RunLog, figures_of


def epoch(number: int, *, loss: float = 2.5) -> Epoch:
    there, back = Recalls(0.1, 0.2, 0.3, 0.4, 5.0), Recalls(0.5, 0.6, 0.7, 0.8, 2.0)
    return Epoch(number, loss, {"inter": 2.0}, {"logit_factor": 1.1}, {"with words": BothWays(9, there, back)})


def lines_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / LOG_FILE).read_text().splitlines()]


def test_every_epoch_is_a_line_that_holds_all_of_it(tmp_path: Path) -> None:
    with RunLog(tmp_path / "new" / "run") as log:
        log.epoch(epoch(1))
        log.epoch(epoch(2, loss=1.5))
    first, second = lines_of(tmp_path / "new" / "run")
    assert (first["number"], first["loss"], second["loss"]) == (1, 2.5, 1.5)
    assert first["parts"] == {"inter": 2.0}
    recalls = {"r1": 0.5, "r5": 0.6, "r10": 0.7, "r25": 0.8, "median_rank": 2.0}
    assert first["validation"]["with words"]["target_to_query"] == recalls  # type: ignore[index]


def test_a_line_is_on_disk_as_soon_as_its_epoch_is_over(tmp_path: Path) -> None:
    with RunLog(tmp_path) as log:
        log.epoch(epoch(1))
        assert len(lines_of(tmp_path)) == 1


def test_figures_have_one_flat_name_each() -> None:
    figures = figures_of(epoch(1))
    assert figures["loss"] == 2.5
    assert figures["loss/inter"] == 2.0
    assert figures["figures/logit_factor"] == 1.1
    assert figures["validation/with words/query_to_target/r10"] == 0.3
    assert figures["validation/with words/target_to_query/median_rank"] == 2.0
    assert len(figures) == 3 + 2 * 5


def test_tensorboard_has_the_same_figures(tmp_path: Path) -> None:
    before = threading.active_count()
    with RunLog(tmp_path) as log:
        log.epoch(epoch(1))
        log.epoch(epoch(2, loss=1.5))
    assert threading.active_count() == before
    (events,) = (tmp_path / EVENTS_FOLDER).iterdir()
    written = [record.payload for record in read_records(events) if isinstance(record, Record)]
    for name in figures_of(epoch(1)):
        assert sum(name.encode() + b"\x15" in payload for payload in written) == 2
    # A figure is its name and a float of four bytes.
    assert any(b"loss\x15" + struct.pack("<f", 1.5) in payload for payload in written)


@pytest.mark.parametrize("done", [0, 1])
def test_epochs_that_are_done_again_take_the_place_of_those_of_before(tmp_path: Path, done: int) -> None:
    with RunLog(tmp_path) as log:
        log.resumed([])
        for number in (1, 2):
            log.epoch(epoch(number))
    with RunLog(tmp_path) as log:
        log.resumed([epoch(number) for number in range(1, done + 1)])
        for number in range(done + 1, 4):
            log.epoch(epoch(number, loss=0.5))
    assert [line["number"] for line in lines_of(tmp_path)] == [1, 2, 3]
    assert [line["loss"] for line in lines_of(tmp_path)] == [2.5] * done + [0.5] * (3 - done)


def test_nothing_goes_on_writing_after_a_failure(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(KeyError), RunLog(tmp_path) as log:
        fail_after(log)
    assert threading.active_count() == before
    assert len(lines_of(tmp_path)) == 1


def fail_after(log: RunLog) -> None:
    log.epoch(epoch(1))
    raise KeyError

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.converters.number_jobs import NumberJob, plan
from training import convert
from training.converters.conversion import Conversion
from training.converters.converter import Converter, Source
from training.converters.parts import LeftOut
from training.errors import PairSetError
from training.pair_set_reader import open_pair_set

Run = Callable[..., None]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command with one source, `numbers COUNT`, that makes so many items and leaves one thing out."""
    (tmp_path / "marks").mkdir()

    def add_arguments(parser: ArgumentParser) -> None:
        parser.add_argument("count", type=int)

    def open_source(parsed: Namespace) -> Source:
        if parsed.count > 9:
            raise PairSetError(file="numbers", field="count", reason="is more than there are")
        told = (LeftOut("a long name, with a [bracket]", "no_number"),)
        jobs = [NumberJob(f"job-{n}", (f"item-{n}",), tmp_path / "marks", "", told[n:]) for n in range(parsed.count)]
        return Source(jobs, plan(), remarks=lambda conversion: [f"[{len(conversion.left_out)}] to think of"])

    converters = (Converter("numbers", "items out of nothing", add_arguments, open_source),)
    monkeypatch.setattr(convert, "CONVERTERS", converters)
    return lambda *arguments: convert.main(["numbers", *(str(argument) for argument in arguments)])


def refusal(capsys: pytest.CaptureFixture[str], run: Run, *arguments: object) -> str:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_a_source_becomes_a_pair_set_and_what_was_left_out_is_told(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(2, "--out", tmp_path / "out", "--processes", 2)
    assert [item.id for item in open_pair_set(tmp_path / "out").items] == ["item-0", "item-1"]
    shown = capsys.readouterr().out
    assert "out: 2 pairs (2 train, 0 validation, 0 test)" in shown
    assert "left out 1, listed in left_out.csv:" in shown
    assert "     1  no_number" in shown
    assert "[1] to think of" in shown
    assert "2/2" in shown


def test_what_the_source_refuses_ends_the_command(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "numbers: count: is more than there are" in refusal(capsys, run, 10, "--out", tmp_path / "out")


def test_a_folder_that_is_there_is_never_written_into(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    assert "out: folder: exists already" in refusal(capsys, run, 1, "--out", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_no_process_at_all_is_refused(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "at least 1" in refusal(capsys, run, 1, "--out", tmp_path / "out", "--processes", 0)


def test_where_nothing_was_left_out_nothing_is_said_of_it() -> None:
    lines = convert.summary(Conversion(Path("out"), {"train": 3, "validation": 0, "test": 1}, ()))
    assert lines == ["out: 4 pairs (3 train, 0 validation, 1 test)"]


def test_the_most_frequent_reason_is_told_first() -> None:
    left_out = tuple(LeftOut(str(n), reason) for n, reason in enumerate(["b", "a", "a", "a", "b", "c"]))
    lines = convert.summary(Conversion(Path("out"), {"train": 1, "validation": 0, "test": 0}, left_out))
    assert [line.split() for line in lines[2:]] == [["3", "a"], ["2", "b"], ["1", "c"]]


def test_every_source_has_a_name_of_its_own_and_takes_arguments() -> None:
    names = [converter.name for converter in convert.CONVERTERS]
    assert len(set(names)) == len(names) >= 3
    for converter in convert.CONVERTERS:
        parser = ArgumentParser()
        converter.add_arguments(parser)
        assert converter.help
        assert len(parser.format_help()) > 100

import pytest

from benchmarks.machine import Finding, describe_machine, markdown_table, print_findings


def test_a_table_is_markdown() -> None:
    assert markdown_table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_findings_say_whether_they_are_met_and_name_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings("Title", [Finding("one", "1.0", "≥ 1", True), Finding("two", "0.5", "≥ 1", False)])

    said = capsys.readouterr().out
    assert "### Title" in said
    assert describe_machine() in said
    assert "| one | 1.0 | ≥ 1 | yes |" in said
    assert "| two | 0.5 | ≥ 1 | **no** |" in said

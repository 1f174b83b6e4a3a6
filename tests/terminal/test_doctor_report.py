from io import StringIO

from rich.console import Console

from app.recommendation.doctor import Finding
from app.terminal.doctor_report import FINDINGS_SHOWN, show_check


def printed(findings: list[Finding]) -> str:
    text = StringIO()
    show_check("every track has its file", findings, Console(file=text, width=120))
    return text.getvalue()


def test_a_check_without_findings_is_one_line() -> None:
    assert printed([]) == "ok  every track has its file\n"


def test_harm_makes_it_a_problem_and_the_advice_follows() -> None:
    text = printed([Finding("one.mp3 is gone", "import it again")])

    assert text.startswith("problem  every track has its file\n")
    assert "one.mp3 is gone" in text
    assert "→ import it again" in text


def test_what_is_no_harm_is_told_and_is_no_problem() -> None:
    text = printed([Finding("behind", "nothing", is_harm=False)])

    assert text.startswith("ok")
    assert "behind" in text


def test_of_many_findings_the_first_are_shown() -> None:
    text = printed([Finding(f"track {number}", "act") for number in range(FINDINGS_SHOWN + 3)])

    assert "and 3 more" in text

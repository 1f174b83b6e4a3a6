"""What a doctor's checks found, for a person at a terminal. Knows no library."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from app.recommendation.doctor import Finding

FINDINGS_SHOWN = 20


def show_check(name: str, findings: Sequence[Finding], console: Console) -> None:
    """One line for the check, two for each of its first findings."""
    is_harmed = any(finding.is_harm for finding in findings)
    verdict = Text("problem", style="red") if is_harmed else Text("ok", style="green")
    console.print(Text.assemble(verdict, f"  {name}"))
    for finding in findings[:FINDINGS_SHOWN]:
        console.print(Text(f"    {finding.what}"), soft_wrap=True)
        console.print(Text(f"      → {finding.advice}", style="dim"), soft_wrap=True)
    if len(findings) > FINDINGS_SHOWN:
        console.print(Text(f"    and {len(findings) - FINDINGS_SHOWN} more of the kind"))

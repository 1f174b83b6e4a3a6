"""Names the machine a figure was taken on, and prints figures as Markdown. Knows nothing of what was measured."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a benchmark's table: what was measured, what is asked for, and whether it is met."""

    what: str
    figure: str
    asked: str
    met: bool | None

    def cells(self) -> tuple[str, str, str, str]:
        verdict = {True: "yes", False: "**no**", None: ""}[self.met]
        return self.what, self.figure, self.asked, verdict


def print_findings(title: str, findings: Iterable[Finding]) -> None:
    """A heading with the machine, and the table of the findings."""
    rows = [finding.cells() for finding in findings]
    print(f"\n### {title}\n\n{describe_machine()}\n")
    print(markdown_table(("measured", "figure", "asked for", "met"), rows), flush=True)


def describe_machine() -> str:
    """Processor, cores this process may use, memory, Python and torch."""
    cores = len(os.sched_getaffinity(0))
    gigabytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    software = f"Python {platform.python_version()}, torch {version('torch')}"
    return f"{_processor()}, {cores} cores, {gigabytes:.0f} GB memory, {platform.system()}; {software}."


def markdown_table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _processor() -> str:
    described = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line.partition(":")[2].strip() for line in described.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()

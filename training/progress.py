"""A progress bar that counts pairs, and a line for each epoch. Measures nothing."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from training.epochs import Epoch


class PairsPerSecond(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.0f} pairs/s")


def pairs_progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        PairsPerSecond(),
        TimeRemainingColumn(),
        console=console,
    )


def epoch_line(epoch: Epoch) -> str:
    parts = ", ".join(f"{name} {value:.4f}" for name, value in epoch.parts.items())
    figures = "".join(f"  {name} {value:.2f}" for name, value in epoch.figures.items())
    found = ", ".join(f"{100 * both.query_to_target.r10:.1f} % {words}" for words, both in epoch.validation.items())
    line = f"epoch {epoch.number:3d}  loss {epoch.loss:.4f} ({parts}){figures}"
    return f"{line}  validation R@10 {found}" if found else line

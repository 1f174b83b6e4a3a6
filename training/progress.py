"""A progress bar that counts pairs, and a line for each epoch. Measures nothing."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from training.loop import Epoch


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
    alone, told = epoch.video_alone.video_to_music, epoch.with_both.video_to_music
    return (
        f"epoch {epoch.number:3d}  loss {epoch.loss:.4f} (inter {epoch.inter:.4f}, intra {epoch.intra:.4f})  "
        f"e^n {epoch.logit_factor:.2f}  "
        f"validation R@10 {100 * alone.r10:.1f} % alone, {100 * told.r10:.1f} % with words"
    )

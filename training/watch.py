"""Shows and logs a run while it goes: progress bar, a line an epoch, `log.jsonl`, TensorBoard."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from rich.console import Console

from training.epochs import Epoch
from training.loop import Listener, Prepared
from training.progress import epoch_line, pairs_progress
from training.run_log import RunLog


class Watch:
    """A context; of several processes only the first has one."""

    def __init__(self, folder: Path, prepared: Prepared, console: Console) -> None:
        run = prepared.run
        self._console = console
        self._pairs_an_epoch = len(prepared.training_items) // run.batch_pairs * run.batch_pairs
        self._log = RunLog(folder)
        self._progress = pairs_progress(console)
        self._bar = self._progress.add_task(
            f"{run.name} on {prepared.feed.device}", total=self._pairs_an_epoch * run.epochs
        )

    def __enter__(self) -> "Watch":
        self._log.__enter__()
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        self._log.__exit__(kind, error, trace)

    def listener(self) -> Listener:
        return Listener(lambda count, _: self._progress.advance(self._bar, count), self.on_epoch, self._on_resumed)

    def on_epoch(self, epoch: Epoch) -> None:
        self._log.epoch(epoch)
        self._progress.console.print(epoch_line(epoch), highlight=False)

    def _on_resumed(self, epochs: Sequence[Epoch]) -> None:
        self._log.resumed(epochs)
        self._progress.advance(self._bar, len(epochs) * self._pairs_an_epoch)
        if epochs:
            self._progress.console.print(f"goes on after epoch {len(epochs)}")

"""What a run says while it goes: one JSON line an epoch in `log.jsonl`, and the same figures for TensorBoard."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from torch.utils.tensorboard import SummaryWriter

from training.epochs import Epoch
from training.plain import plain

LOG_FILE = "log.jsonl"
EVENTS_FOLDER = "tensorboard"


class RunLog:
    """A context. Lines of epochs that are done again (after a kill) replace those of before."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lines = folder / LOG_FILE
        self._events = folder / EVENTS_FOLDER

    def __enter__(self) -> "RunLog":
        self._writer = SummaryWriter(str(self._events))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def resumed(self, epochs: Sequence[Epoch]) -> None:
        """The lines of the epochs that are done, and no others: a kill may have cost one, or left one too many."""
        self._lines.write_text("".join(_line(epoch) for epoch in epochs), encoding="utf-8")

    def epoch(self, epoch: Epoch) -> None:
        with self._lines.open("a", encoding="utf-8") as lines:
            lines.write(_line(epoch))
        for name, value in figures_of(epoch).items():
            self._writer.add_scalar(name, value, epoch.number)
        self._writer.flush()


def _line(epoch: Epoch) -> str:
    return json.dumps(plain(epoch)) + "\n"


def figures_of(epoch: Epoch) -> dict[str, float]:
    """Every figure of an epoch under one flat name."""
    figures = {"loss": epoch.loss}
    figures |= {f"loss/{name}": value for name, value in epoch.parts.items()}
    figures |= {f"figures/{name}": value for name, value in epoch.figures.items()}
    for words, both in epoch.validation.items():
        for way, recalls in (("query_to_target", both.query_to_target), ("target_to_query", both.target_to_query)):
            figures |= {f"validation/{words}/{way}/{name}": value for name, value in plain(recalls).items()}
    return figures

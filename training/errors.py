"""What can be wrong with training's own inputs; the tree continues that of `app.errors`.

SetupError
├── PairSetError      a pair set that breaks its format, or does not fit the run
├── BatchNormApart    batch norm in several processes without GPUs
├── UnevenBatch       a batch that does not divide among the processes
└── TrainingDiverged  the loss is no number any more
"""

from app.errors import SetupError


class PairSetError(SetupError):
    """Names the file, the field or stream in it, and the item where one item is at fault."""

    def __init__(self, *, file: str, field: str, reason: str, item: str | None = None) -> None:
        where = f"{file}: {field}" if item is None else f"{file}: item '{item}': {field}"
        super().__init__(f"{where}: {reason}")
        self.file, self.field, self.reason, self.item = file, field, reason, item


class BatchNormApart(SetupError):
    def __init__(self) -> None:
        super().__init__("batch norm sees the whole batch of several processes on GPUs only; train in one process")


class UnevenBatch(SetupError):
    def __init__(self, *, batch_pairs: int, processes: int) -> None:
        super().__init__(f"{batch_pairs} pairs a batch do not divide among {processes} processes")
        self.batch_pairs, self.processes = batch_pairs, processes


class TrainingDiverged(SetupError):
    def __init__(self, *, epoch: int, step: int) -> None:
        super().__init__(f"the loss is not finite in epoch {epoch}, step {step}; lower the learning rate")
        self.epoch, self.step = epoch, step

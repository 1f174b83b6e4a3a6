"""Several processes that train one model: each takes its part of a batch and sees the embeddings of all.

Every rank computes the loss of the whole batch. Its gradient reaches a rank's own embeddings only, and is multiplied by
the number of ranks there, because `DistributedDataParallel` averages over ranks what here has to be summed: the
gradients are then those of one process with the whole batch. Losses with weights of their own need no averaging, since
every rank computes the same.

Axes: B pairs of the whole batch, b pairs of a rank, D embedding width.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed

from training.errors import UnevenBatch
from training.loss_modules import Known

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process's number among `count`; one of one where nothing is distributed."""

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def part(self, batch_pairs: int) -> slice:
        """This rank's pairs of a batch. Raises UnevenBatch where a batch does not divide evenly."""
        if batch_pairs % self.count:
            raise UnevenBatch(batch_pairs=batch_pairs, processes=self.count)
        size = batch_pairs // self.count
        return slice(self.rank * size, (self.rank + 1) * size)

    def all_embeddings(self, own_bD: Tensor) -> Tensor:
        """(B, D), in the order of the ranks; differentiable as the module says."""
        if self.count == 1:
            return own_bD
        whole_BD: Tensor = _Gathered.apply(own_bD, self.rank, self.count)  # type: ignore[no-untyped-call]
        return whole_BD

    def all_known(self, own: Known) -> Known:
        """The raw side of the whole batch."""
        if self.count == 1:
            return own
        present = {part.name: getattr(own, part.name) for part in fields(own)}
        return replace(
            own, **{name: _gather(value, self.count) for name, value in present.items() if value is not None}
        )

    def share(self, make: Callable[[], Value]) -> Value:
        """What the first rank makes, for all: decisions that hang on it are then the same everywhere."""
        if self.count == 1:
            return make()
        made: list[Any] = [make() if self.is_first else None]
        distributed.broadcast_object_list(made)
        shared: Value = made[0]
        return shared


@contextmanager
def ranks_of_environment(device: torch.device) -> Iterator[Ranks]:
    """As `torchrun` says, over NCCL on GPUs and gloo elsewhere; a lone process needs neither."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Ranks()
        return
    if device.type == "cuda":
        # NCCL shares objects over the current GPU, which else is the first one for all.
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Ranks(distributed.get_rank(), count)
    finally:
        distributed.destroy_process_group()


def own_device(device: torch.device) -> torch.device:
    """Of several GPUs the one that `torchrun` gives this process."""
    if device.type == "cuda" and "LOCAL_RANK" in os.environ:
        return torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    return device


class _Gathered(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, own_bD: Tensor, rank: int, count: int) -> Tensor:
        context.rank, context.count, context.size = rank, count, len(own_bD)
        return _gather(own_bD, count)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        first = context.rank * context.size
        return gradients[0][first : first + context.size] * context.count, None, None


def _gather(own: Tensor, count: int) -> Tensor:
    parts = [torch.empty_like(own) for _ in range(count)]
    distributed.all_gather(parts, own.contiguous())
    return torch.cat(parts)

"""What an epoch came to, and which of them was best. Computes no loss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from training.errors import TrainingDiverged
from training.evaluation import BothWays
from training.losses import Losses
from training.pools import mean_both_ways


@dataclass(frozen=True, slots=True)
class Epoch:
    """Means over the batches of the loss and its parts, figures of the loss at its end, and recalls on validation.

    `validation` has an entry for each kind of words that the query was heard with; none where nothing was held out.
    """

    number: int
    loss: float
    parts: Mapping[str, float]
    figures: Mapping[str, float]
    validation: Mapping[str, BothWays]

    def score(self) -> float:
        """What the best epoch is best in: R@5, 10 and 25 both ways, with each kind of words alike.

        Raises ValueError where nothing was held out to validate on.
        """
        if not self.validation:
            raise ValueError(f"epoch {self.number} was not validated")
        return sum(mean_both_ways(both) for both in self.validation.values()) / len(self.validation)


def epoch_of(
    number: int, steps: Sequence[Losses], figures: Mapping[str, float], validation: Mapping[str, BothWays]
) -> Epoch:
    """Raises TrainingDiverged, naming the first step whose loss was no number."""
    totals = torch.stack([step.total for step in steps])
    if not totals.isfinite().all():
        raise TrainingDiverged(epoch=number, step=int((~totals.isfinite()).nonzero()[0]) + 1)
    parts = {name: torch.stack([step.parts[name] for step in steps]).mean().item() for name in steps[0].parts}
    return Epoch(number, totals.mean().item(), parts, figures, validation)


def best_of(epochs: Sequence[Epoch]) -> int:
    """The number of the first of the best epochs."""
    return max(epochs, key=Epoch.score).number


def is_over(epochs: Sequence[Epoch], patience: int | None) -> bool:
    """Whether so many epochs have passed without a better one."""
    return patience is not None and bool(epochs) and len(epochs) - best_of(epochs) >= patience

"""Which split a piece of music falls into where nobody has said: a draw by its name."""

import argparse
import hashlib
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass

from training.errors import PairSetError
from training.pair_set import Split


@dataclass(frozen=True, slots=True)
class Shares:
    """Of the tracks that no list puts into a split."""

    validation: float
    test: float
    seed: int

    def split_of(self, track: str) -> Split:
        """By the track's name alone: parts of a file stay together, and more files move none."""
        digest = hashlib.sha256(f"{self.seed}:{track}".encode()).digest()
        drawn = int.from_bytes(digest[:8], "big") / 2**64
        if drawn < self.test:
            return "test"
        return "validation" if drawn < self.test + self.validation else "train"


def add_share_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--validation-share", type=_share, default=0.1, help="of the tracks (0.1)")
    parser.add_argument("--test-share", type=_share, default=0.1, help="of the tracks (0.1)")
    parser.add_argument("--seed", type=int, default=0, help="of that draw (0)")


def shares_of(arguments: Namespace) -> Shares:
    """Raises PairSetError where they leave nothing to train on."""
    shares = Shares(arguments.validation_share, arguments.test_share, arguments.seed)
    if shares.validation + shares.test >= 1:
        raise PairSetError(file="arguments", field="split", reason="the shares leave nothing to train on")
    return shares


def _share(given: str) -> float:
    try:
        share = float(given)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise argparse.ArgumentTypeError(f"'{given}' is no share, from 0 up to but not including 1")
    return share

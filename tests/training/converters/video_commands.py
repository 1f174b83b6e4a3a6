"""What the command line of `videos` gives, without running it."""

import argparse
from argparse import Namespace
from pathlib import Path

from training.converters.videos import add_arguments


def parsed(folder: Path, *arguments: str) -> Namespace:
    """The arguments for `folder`; the pair set is to lie beside it."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args([str(folder), "--out", str(folder.parent / "pairs"), *arguments])

"""Writes annotation files as the sets' authors lay them out, a few lines long."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CLOTHO_HEAD = ["file_name", *(f"caption_{number}" for number in range(1, 6))]


def write_csv(path: Path, *rows: Sequence[object]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def write_json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document), encoding="utf-8")


def write_lines(path: Path, *lines: str) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def clotho_row(file_name: str) -> list[str]:
    return [file_name, *(f"Somebody walks, in {place}, slowly." for place in "abcde")]


def write_clotho(folder: Path, splits: Mapping[str, Sequence[str]]) -> None:
    """`splits`: file names by the words that Clotho calls its splits."""
    for name, files in splits.items():
        write_csv(folder / f"clotho_captions_{name}.csv", CLOTHO_HEAD, *map(clotho_row, files))


def karpathy_image(name: str, split: str, captions: Sequence[str], **more: object) -> dict[str, object]:
    sentences = [{"tokens": text.lower().split(), "raw": text, "imgid": 0, "sentid": 0} for text in captions]
    return {"filename": name, "split": split, "sentences": sentences, "sentids": [0], "imgid": 0, **more}


def coco_image(number: int, split: str, captions: Sequence[str], folder: str = "val2014") -> dict[str, object]:
    name = f"COCO_{folder}_{number:012d}.jpg"
    return karpathy_image(name, split, captions, filepath=folder, cocoid=number)


def write_karpathy(path: Path, *images: Mapping[str, object]) -> None:
    write_json(path, {"images": images, "dataset": "any"})

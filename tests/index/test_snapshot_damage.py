import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import faiss
import pytest

from app.errors import IndexDamaged
from app.index.snapshot import SNAPSHOT, save_snapshot
from tests.index.saved import filled, load
from tests.index.unit_vectors import DIM


def rewritten(folder: Path, change: Callable[[dict[str, object]], None], *, packed: bytes | None = None) -> None:
    """Changes a snapshot and makes its checksum right again: what only the stamps can find out."""
    header, _, rest = (folder / SNAPSHOT).read_bytes().partition(b"\n")
    manifest = json.loads(header)
    change(manifest)
    body = json.dumps(manifest).encode() + b"\n" + (packed if packed is not None else rest[:-32])
    (folder / SNAPSHOT).write_bytes(body + hashlib.sha256(body).digest())


def test_a_snapshot_cut_short_anywhere_is_not_believed(tmp_path: Path) -> None:
    save_snapshot(filled(), tmp_path)
    content = (tmp_path / SNAPSHOT).read_bytes()
    for size in [0, 1, 31, 32, 33, *range(100, len(content), 97), len(content) - 1]:
        (tmp_path / SNAPSHOT).write_bytes(content[:size])
        with pytest.raises(IndexDamaged):
            load(tmp_path)


def test_a_snapshot_with_any_byte_changed_or_added_is_not_believed(tmp_path: Path) -> None:
    save_snapshot(filled(), tmp_path)
    content = (tmp_path / SNAPSHOT).read_bytes()
    for place in range(0, len(content), 41):
        damaged = bytearray(content)
        damaged[place] ^= 1
        (tmp_path / SNAPSHOT).write_bytes(damaged)
        with pytest.raises(IndexDamaged):
            load(tmp_path)
    (tmp_path / SNAPSHOT).write_bytes(content + b"\0")
    with pytest.raises(IndexDamaged):
        load(tmp_path)


def test_a_count_that_differs_is_not_believed(tmp_path: Path) -> None:
    save_snapshot(filled(), tmp_path)
    rewritten(tmp_path, lambda manifest: manifest.update(count=51))
    with pytest.raises(IndexDamaged, match="50"):
        load(tmp_path)


def test_a_format_of_the_future_is_not_guessed_at(tmp_path: Path) -> None:
    save_snapshot(filled(), tmp_path)
    rewritten(tmp_path, lambda manifest: manifest.update(format_version=2))
    with pytest.raises(IndexDamaged, match="format_version"):
        load(tmp_path)


def packed(index: faiss.Index) -> bytes:
    return faiss.serialize_index(index).tobytes()


@pytest.mark.parametrize(
    "inside",
    [
        b"",
        b"no index at all",
        packed(faiss.IndexFlatIP(DIM)),
        packed(faiss.IndexIDMap2(faiss.IndexFlatL2(DIM))),
        packed(faiss.IndexIDMap2(faiss.IndexFlatIP(DIM * 2))),
    ],
    ids=["nothing", "text", "no numbers", "distances", "wide"],
)
def test_another_kind_of_index_is_not_taken_for_ours(tmp_path: Path, inside: bytes) -> None:
    save_snapshot(filled(), tmp_path)
    rewritten(tmp_path, lambda manifest: None, packed=inside)
    with pytest.raises(IndexDamaged):
        load(tmp_path)


def test_a_file_without_a_manifest_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / SNAPSHOT).write_bytes(b"text" + hashlib.sha256(b"text").digest())
    with pytest.raises(IndexDamaged, match="manifest"):
        load(tmp_path)

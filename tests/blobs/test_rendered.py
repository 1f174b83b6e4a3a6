import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.blobs import rendered as rendered_files
from app.blobs.rendered import RenderedFiles
from app.blobs.store import BlobStore
from app.errors import DiskFull
from tests.disk_limits import files_at_most

ONE, OTHER, JOB = "01JD3W7E5V2S9B8F4H6K0M1N3P", "01JD3W7E5V2S9B8F4H6K0M1N3Q", "01JD4A8Q6M3X1T7Y9Z5C2V0B4N"


@dataclass(frozen=True, slots=True)
class SlowRemoval:
    """In the place of Python's own module."""

    rmtree: Callable[[Path], None]


@pytest.fixture
def rendered(store: BlobStore) -> RenderedFiles:
    return store.rendered


def put(store: BlobStore, recommendation_id: str, *, content: bytes = b"film", words: str = "by X") -> None:
    with store.new_upload() as temporary:
        temporary.write_bytes(content)
        store.rendered.put(temporary, recommendation_id, JOB, suffix=".mov", words=words)


def test_a_video_is_found_by_recommendation_and_job_with_its_words(store: BlobStore) -> None:
    put(store, ONE, words="Über X\n")
    path = store.rendered.find(ONE, JOB)
    assert path is not None
    assert (path.suffix, path.read_bytes()) == (".mov", b"film")
    assert store.rendered.words(ONE, JOB) == "Über X\n"


def test_what_nobody_rendered_is_not_found(store: BlobStore) -> None:
    put(store, ONE)
    assert store.rendered.find(OTHER, JOB) is None
    assert store.rendered.find(ONE, OTHER) is None
    assert store.rendered.words(ONE, OTHER) is None


def test_a_job_that_is_done_again_replaces_its_video(store: BlobStore) -> None:
    put(store, ONE)
    put(store, ONE, content=b"again", words="by Y")
    path = store.rendered.find(ONE, JOB)
    assert path is not None
    assert path.read_bytes() == b"again"
    assert store.rendered.words(ONE, JOB) == "by Y"
    assert len(list(path.parent.iterdir())) == 2


def test_what_belongs_to_a_recommendation_goes_together(store: BlobStore) -> None:
    put(store, ONE)
    put(store, OTHER)
    store.rendered.delete(ONE)
    store.rendered.delete(ONE)
    assert store.rendered.recommendations() == {OTHER}
    assert store.rendered.find(ONE, JOB) is None


def test_what_is_put_while_the_former_is_being_removed_is_whole(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, ONE)

    def slow(folder: Path) -> None:
        put(store, ONE, content=b"again")
        shutil.rmtree(folder)

    monkeypatch.setattr(rendered_files, "shutil", SlowRemoval(slow))
    store.rendered.delete(ONE)
    path = store.rendered.find(ONE, JOB)
    assert path is not None
    assert (path.read_bytes(), store.rendered.words(ONE, JOB)) == (b"again", "by X")
    assert store.rendered.recommendations() == {ONE}


def test_what_a_killed_process_left_to_be_removed_is_found(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, ONE)
    with monkeypatch.context() as killed:
        killed.setattr(rendered_files, "shutil", SlowRemoval(lambda _: None))
        store.rendered.delete(ONE)
    assert store.rendered.find(ONE, JOB) is None
    (left,) = store.rendered.recommendations()
    store.rendered.delete(left)
    assert store.rendered.recommendations() == set()


def test_the_sweep_of_files_leaves_them(store: BlobStore) -> None:
    put(store, ONE)
    assert store.sweep(set(), older_than_s=0) == []
    assert store.rendered.find(ONE, JOB) is not None


def test_a_full_disk_has_its_name_and_leaves_no_video(store: BlobStore) -> None:
    with files_at_most(4), pytest.raises(DiskFull):
        put(store, ONE, words="more words than the disk has room for")
    assert store.rendered.find(ONE, JOB) is None


@pytest.mark.parametrize("name", ["", "..", "a/b", "a.b", "a" * 65])
def test_what_is_no_id_leads_nowhere(rendered: RenderedFiles, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        rendered.find(name, JOB)
    with pytest.raises(ValueError, match="no id"):
        rendered.delete(name)

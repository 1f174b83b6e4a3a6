from pathlib import Path

import pytest

from app.blobs.store import BlobStore
from tests.blobs.small_files import FEATURES, SPACE, put

NAME = "preview-1.mp4"


def put_derived(store: BlobStore, sha256: str, content: bytes = b"smaller", *, name: str = NAME) -> None:
    with store.new_upload() as temporary:
        temporary.write_bytes(content)
        store.put_derived(temporary, sha256, name)


def test_what_was_made_of_a_file_lies_beside_it(store: BlobStore) -> None:
    sha256 = put(store, b"music")
    put_derived(store, sha256)
    assert store.derived_path(sha256, NAME).read_bytes() == b"smaller"
    assert store.derived_path(sha256, NAME).parent == store.path(sha256).parent
    assert store.path(sha256).read_bytes() == b"music"


def test_of_two_that_make_the_same_one_remains_whole(store: BlobStore) -> None:
    sha256 = put(store, b"music")
    with store.new_upload() as one, store.new_upload() as other:
        one.write_bytes(b"one")
        other.write_bytes(b"other")
        store.put_derived(one, sha256, NAME)
        store.put_derived(other, sha256, NAME)
    assert store.derived_path(sha256, NAME).read_bytes() == b"other"


def test_it_goes_with_its_file(store: BlobStore) -> None:
    sha256 = put(store, b"music")
    store.put_features(sha256, SPACE, FEATURES)
    put_derived(store, sha256)
    put_derived(store, sha256, name="other-1.m4a")
    store.delete(sha256)
    assert list(store.path(sha256).parent.iterdir()) == []


def test_it_is_swept_away_with_its_file(store: BlobStore) -> None:
    kept, swept = put(store, b"kept"), put(store, b"swept")
    for sha256 in (kept, swept):
        put_derived(store, sha256)
    assert store.sweep({kept}, older_than_s=0) == [swept]
    assert store.derived_path(kept, NAME).exists()
    assert not store.derived_path(swept, NAME).exists()


def test_what_was_made_of_a_file_that_is_gone_is_not_kept(store: BlobStore, tmp_path: Path) -> None:
    sha256 = put(store, b"music")
    store.delete(sha256)
    put_derived(store, sha256)
    assert not store.derived_path(sha256, NAME).exists()
    assert list((tmp_path / "blobs" / "tmp").glob("upload-*")) == []


@pytest.mark.parametrize("name", ["", "x", "../x.mp4", "x/y.mp4", "x.mp4\n", ".mp4", "X.mp4"])
def test_what_is_no_name_leads_to_no_path(store: BlobStore, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        store.derived_path("0" * 64, name)

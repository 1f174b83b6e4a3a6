import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.blobs.features import features_suffix
from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.domain import Track
from app.index.snapshot import SNAPSHOT
from app.recommendation.deleted_tracks import delete_track
from app.recommendation.doctor import Examination, Finding
from app.recommendation.library import Library
from app.recommendation.sweep import GRACE_S
from tests.fake_pool import DIM, embedding_of
from tests.recommendation.test_reembed import filled

OLD = time.time() - GRACE_S - 60


@pytest.fixture
def tracks(library: Library, tmp_path: Path) -> list[Track]:
    found = filled(library, tmp_path / "music", b"one", b"two")
    library.upkeep.save()
    return found


def findings(library: Library, tmp_path: Path, *, digest: str | None = None, is_deep: bool = False) -> list[Finding]:
    space = library.spec.music.stored_space
    examination = Examination(
        library.catalogue, library.blobs, tmp_path / "index", digest or library.digest, dim=DIM, space=space
    )
    return [finding for _, found in examination.checks(is_deep=is_deep) for finding in found]


def test_a_sound_library_has_no_findings(library: Library, tracks: list[Track], tmp_path: Path) -> None:
    assert findings(library, tmp_path, is_deep=True) == []


def test_an_empty_library_without_a_snapshot_is_sound(library: Library, tmp_path: Path) -> None:
    assert findings(library, tmp_path) == []


def test_a_lost_file_is_found(library: Library, tracks: list[Track], tmp_path: Path) -> None:
    library.blobs.path(tracks[0].sha256).unlink()

    (found,) = findings(library, tmp_path)

    assert found.is_harm
    assert tracks[0].id in found.what
    assert "No such file" in found.what
    assert "bgm import" in found.advice


def test_a_cut_file_is_found_by_its_size(library: Library, tracks: list[Track], tmp_path: Path) -> None:
    library.blobs.path(tracks[0].sha256).write_bytes(b"o")

    (found,) = findings(library, tmp_path)

    assert "its file has 1 bytes, 3 were stored" in found.what


def test_a_changed_file_is_found_by_looking_deep(library: Library, tracks: list[Track], tmp_path: Path) -> None:
    library.blobs.path(tracks[1].sha256).write_bytes(b"owt")

    assert findings(library, tmp_path) == []
    (found,) = findings(library, tmp_path, is_deep=True)
    assert found.is_harm
    assert "does not hold what was stored" in found.what


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"no array")])
def test_lost_features_are_told_and_are_no_harm(
    library: Library, tracks: list[Track], tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    path = library.blobs.path(tracks[0].sha256)
    stored = path.with_name(path.name + features_suffix(library.spec.music.stored_space))
    damage(stored)

    (found,) = findings(library, tmp_path)

    assert not found.is_harm
    assert "features" in found.what


def test_tracks_without_an_embedding_are_found(library: Library, tracks: list[Track], tmp_path: Path) -> None:
    with library.catalogue.writing() as queries:
        queries.add_embedding(tracks[0].number, "sha256:other", embedding_of(b"new"))

    found = findings(library, tmp_path, digest="sha256:other")

    assert [finding.is_harm for finding in found] == [True, True]
    assert "embedded for checkpoint sha256:4c1f, not for sha256:other" in found[0].what
    assert "1 of 2 tracks have no embedding" in found[1].what
    assert "bgm reembed" in found[1].advice


def test_old_files_of_no_track_are_told_and_young_ones_are_not(
    library: Library, tracks: list[Track], tmp_path: Path
) -> None:
    for sha256, changed_at in (("a" * 64, OLD), ("b" * 64, time.time())):
        with library.blobs.new_upload() as upload:
            upload.write_bytes(b"orphan")
            os.utime(library.blobs.put(upload, sha256), (changed_at, changed_at))

    (found,) = findings(library, tmp_path)

    assert not found.is_harm
    assert found.what == "1 files belong to nothing"


def test_a_deleted_track_is_no_finding_once_the_snapshot_knows(
    library: Library, tracks: list[Track], tmp_path: Path
) -> None:
    delete_track(tracks[0].id, library=library)
    os.utime(library.blobs.path(tracks[0].sha256), (OLD, OLD))
    (behind,) = findings(library, tmp_path, is_deep=True)
    assert "1 changes behind" in behind.what
    library.upkeep.save()
    assert findings(library, tmp_path, is_deep=True) == []


def test_what_a_killed_process_left_is_told(library: Library, tracks: list[Track], tmp_path: Path) -> None:
    (tmp_path / "blobs" / "tmp" / "upload-left").write_bytes(b"half")

    with library.blobs.new_upload():
        (found,) = findings(library, tmp_path)

    assert not found.is_harm
    assert found.what == "1 unfinished uploads were left behind"


def test_a_missing_snapshot_is_told_and_is_no_harm(library: Library, tracks: list[Track], tmp_path: Path) -> None:
    (tmp_path / "index" / SNAPSHOT).unlink()

    (found,) = findings(library, tmp_path)

    assert not found.is_harm


def test_a_damaged_snapshot_is_found(library: Library, tracks: list[Track], tmp_path: Path) -> None:
    snapshot = tmp_path / "index" / SNAPSHOT
    snapshot.write_bytes(snapshot.read_bytes()[:-1])

    (found,) = findings(library, tmp_path)

    assert found.is_harm
    assert "bgm rebuild-index" in found.advice


def test_a_snapshot_behind_the_catalogue_is_told_and_is_no_harm(
    library: Library, tracks: list[Track], tmp_path: Path
) -> None:
    filled(library, tmp_path / "more", b"three")

    (found,) = findings(library, tmp_path)

    assert not found.is_harm
    assert "1 changes behind" in found.what


def test_a_snapshot_that_knows_other_tracks_is_found(library: Library, tracks: list[Track], tmp_path: Path) -> None:
    library.upkeep.index.remove([tracks[0].number])
    library.upkeep.save()

    (found,) = findings(library, tmp_path)

    assert found.is_harm
    assert "holds 1 tracks at change 2, the catalogue 2 at change 2" in found.what


def test_a_database_that_does_not_answer_is_the_only_finding(library: Library, tmp_path: Path) -> None:
    (tmp_path / "broken.sqlite3").write_bytes(b"no database at all" * 100)
    broken = Catalogue(open_engine(f"sqlite:///{tmp_path / 'broken.sqlite3'}"))

    (found,) = findings(replace(library, catalogue=broken), tmp_path)

    assert found.is_harm
    assert "the catalogue cannot be used" in found.what

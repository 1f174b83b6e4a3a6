from pathlib import Path

import pytest

from app.catalogue.migrate import is_newest
from tests.bgm_command import Bgm, make_checkpoint


def test_migrate_brings_the_schema_that_doctor_asks_for(bgm: Bgm, tmp_path: Path) -> None:
    status, _, complaint = bgm("doctor")
    assert status == 2
    assert "bgm migrate" in complaint

    bgm("migrate")

    assert is_newest(f"sqlite:///{tmp_path / 'data' / 'catalogue.sqlite3'}")
    assert bgm("doctor")[0] == 0


def test_a_rebuilt_index_satisfies_the_doctor(bgm: Bgm, music: Path) -> None:
    bgm("import", music)

    status, said, _ = bgm("rebuild-index")

    assert (status, said) == (0, "the index holds 2 tracks\n")
    status, said, _ = bgm("doctor", "--deep")
    assert status == 0
    assert [line.split()[0] for line in said.splitlines()] == ["ok"] * 4


def test_doctor_ends_with_1_where_a_file_is_lost(bgm: Bgm, music: Path, tmp_path: Path) -> None:
    bgm("import", music)
    bgm("rebuild-index")
    blobs = [path for path in (tmp_path / "data" / "blobs").glob("??/??/*") if path.suffix != ".npy"]
    blobs[0].unlink()

    status, said, _ = bgm("doctor")

    assert status == 1
    assert "problem  every track has its file" in said


def test_reembedding_moves_the_library_to_another_checkpoint(
    bgm: Bgm, music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bgm("import", music)
    new = make_checkpoint(tmp_path / "new", weights=b"other weights")

    status, said, _ = bgm("reembed", "--checkpoint", new)

    assert status == 0
    assert f"BGM_CHECKPOINT={new}" in said
    status, _, complaint = bgm("import", music)
    assert status == 2
    assert "bgm reembed --checkpoint" in complaint
    assert bgm("doctor")[0] == 1
    monkeypatch.setenv("BGM_CHECKPOINT", str(new))
    assert bgm("import", music)[0] == 0
    status, said, _ = bgm("doctor")
    assert status == 0
    assert [line.split()[0] for line in said.splitlines()] == ["ok"] * 4


def test_a_track_that_cannot_be_embedded_anew_keeps_the_checkpoint(bgm: Bgm, music: Path, tmp_path: Path) -> None:
    bgm("import", music)
    for path in (tmp_path / "data" / "blobs").glob("??/??/*"):
        path.unlink()

    status, said, _ = bgm("reembed", "--checkpoint", make_checkpoint(tmp_path / "new", weights=b"other weights"))

    assert status == 1
    assert "2 are left" in said
    assert bgm("import", music)[0] == 0


def test_a_folder_that_is_no_checkpoint_is_refused(bgm: Bgm, tmp_path: Path) -> None:
    status, _, complaint = bgm("reembed", "--checkpoint", tmp_path)

    assert status == 2
    assert "encoder.json: cannot be read" in complaint

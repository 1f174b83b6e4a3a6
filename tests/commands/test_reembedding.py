from pathlib import Path

import pytest

from app.catalogue.catalogue import Catalogue
from app.catalogue.engine import open_engine
from app.catalogue.jobs import JobStore
from app.encoders.spec import digest_of
from app.jobs import Job
from app.recommendation.checkpoints import KeptCheckpoints
from tests.bgm_command import Bgm, make_checkpoint


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return make_checkpoint(tmp_path / "new", weights=b"other weights")


def jobs_in(data: Path) -> list[Job]:
    engine = open_engine(f"sqlite:///{data / 'catalogue.sqlite3'}")
    jobs = JobStore(Catalogue(engine).transactions).list_jobs(None, limit=10)
    engine.dispose()
    return jobs


def test_a_copy_of_the_checkpoint_is_kept_for_servers(bgm: Bgm, music: Path, tmp_path: Path, new: Path) -> None:
    bgm("import", music)
    status, said, _ = bgm("reembed", "--checkpoint", new)
    assert status == 0
    assert "changes over by itself" in said
    assert digest_of(KeptCheckpoints(tmp_path / "data").folder(digest_of(new))) == digest_of(new)


def test_where_no_checkpoint_is_named_commands_work_with_the_one_the_library_was_moved_to(
    bgm: Bgm, music: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bgm("import", music)
    bgm("reembed", "--checkpoint", new)
    monkeypatch.delenv("BGM_CHECKPOINT")
    status, said, _ = bgm("import", music)
    assert status == 0
    assert "already there 2" in said
    status, said, _ = bgm("doctor")
    assert (status, [line.split()[0] for line in said.splitlines()]) == (0, ["ok"] * 4)


def test_a_move_in_the_background_is_left_to_a_server_as_a_job(
    bgm: Bgm, music: Path, tmp_path: Path, new: Path
) -> None:
    bgm("import", music)
    status, said, complaint = bgm("reembed", "--checkpoint", new, "--background")
    assert (status, complaint) == (0, "")
    (job,) = jobs_in(tmp_path / "data")
    assert (job.kind, job.state, job.owner) == ("reembed", "queued", None)
    assert job.request == {"digest": digest_of(new)}
    assert said.startswith(f"job {job.id}: ")
    assert KeptCheckpoints(tmp_path / "data").has(digest_of(new))
    # Nothing is moved yet.
    assert bgm("import", music)[0] == 0


def test_a_folder_that_is_no_checkpoint_makes_no_job(bgm: Bgm, music: Path, tmp_path: Path) -> None:
    bgm("import", music)
    assert bgm("reembed", "--checkpoint", music, "--background")[0] == 2
    assert jobs_in(tmp_path / "data") == []

import json
import shutil
from pathlib import Path

import pytest

from app.encoders.spec import digest_of
from app.errors import CheckpointError
from app.recommendation.checkpoints import KeptCheckpoints
from app.settings import STARTER_CHECKPOINT


@pytest.fixture
def kept(tmp_path: Path) -> KeptCheckpoints:
    return KeptCheckpoints(tmp_path / "data")


def test_a_checkpoint_is_kept_by_its_digest(kept: KeptCheckpoints, tmp_path: Path) -> None:
    digest = kept.keep(STARTER_CHECKPOINT)
    assert digest == digest_of(STARTER_CHECKPOINT)
    assert kept.folder(digest) == tmp_path / "data" / "checkpoints" / digest.removeprefix("sha256:")
    assert digest_of(kept.folder(digest)) == digest
    assert kept.has(digest)
    assert [path.name for path in (tmp_path / "data" / "checkpoints").iterdir()] == [digest.removeprefix("sha256:")]


def test_only_what_belongs_to_a_checkpoint_is_copied(kept: KeptCheckpoints, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(STARTER_CHECKPOINT, source)
    (source / "optimiser.pt").write_bytes(b"large")
    folder = kept.folder(kept.keep(source))
    assert sorted(path.name for path in folder.iterdir()) == ["encoder.json", "weights.safetensors"]


def test_weights_of_a_backbone_come_along(kept: KeptCheckpoints, tmp_path: Path) -> None:
    source = with_weights_file(tmp_path / "source", "backbones/vggish.safetensors")
    (source / "backbones").mkdir()
    (source / "backbones" / "vggish.safetensors").write_bytes(b"vggish")
    folder = kept.folder(kept.keep(source))
    assert (folder / "backbones" / "vggish.safetensors").read_bytes() == b"vggish"


def test_weights_outside_the_folder_cannot_be_kept(kept: KeptCheckpoints, tmp_path: Path) -> None:
    source = with_weights_file(tmp_path / "source", "../vggish.safetensors")
    (tmp_path / "vggish.safetensors").write_bytes(b"vggish")
    with pytest.raises(CheckpointError, match="outside the checkpoint's folder"):
        kept.keep(source)


def with_weights_file(folder: Path, name: str) -> Path:
    """A checkpoint that names this file of weights for its music backbone."""
    shutil.copytree(STARTER_CHECKPOINT, folder)
    spec = json.loads((folder / "encoder.json").read_text())
    spec["music"]["backbone"] = {
        "name": "vggish",
        "weights_file": name,
        "weights_url": None,
        "weights_sha256": "a" * 64,
        "postprocess": False,
    }
    spec["music"]["sampling"]["rate_hz"] = 16_000
    spec["music"] |= {"feature_dim": 128, "standardisation": None}
    (folder / "encoder.json").write_text(json.dumps(spec))
    return folder


def test_keeping_it_again_changes_nothing(kept: KeptCheckpoints) -> None:
    folder = kept.folder(kept.keep(STARTER_CHECKPOINT))
    before = (folder / "weights.safetensors").stat().st_ino
    kept.keep(STARTER_CHECKPOINT)
    assert (folder / "weights.safetensors").stat().st_ino == before


def test_a_damaged_copy_is_refused_and_mended_by_keeping_it_again(kept: KeptCheckpoints) -> None:
    digest = kept.keep(STARTER_CHECKPOINT)
    with (kept.folder(digest) / "weights.safetensors").open("ab") as weights:
        weights.write(b"more")
    with pytest.raises(CheckpointError, match="bgm reembed --checkpoint"):
        kept.folder(digest)
    kept.keep(STARTER_CHECKPOINT)
    assert digest_of(kept.folder(digest)) == digest


@pytest.mark.parametrize("digest", ["sha256:" + "0" * 64, "sha256:..", "", "sha256:../../etc"])
def test_what_is_not_kept_has_no_folder(kept: KeptCheckpoints, digest: str) -> None:
    kept.keep(STARTER_CHECKPOINT)
    assert not kept.has(digest)
    with pytest.raises(CheckpointError, match="none is kept"):
        kept.folder(digest)


def test_what_is_no_checkpoint_is_not_kept(kept: KeptCheckpoints, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        kept.keep(tmp_path)
    assert not kept.has_any()

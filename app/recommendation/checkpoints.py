"""Copies of checkpoints in the data folder, by digest: what a server can change over to, and start with, by itself."""

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from app.blobs.durable import flush, make_folder
from app.encoders.spec import SPEC_FILE, WEIGHTS_FILE, EncoderSpec, digest_of, read_spec
from app.errors import CheckpointError, full_disk_named

FOLDER = "checkpoints"
DIGEST = re.compile("sha256:[0-9a-f]{64}")


class KeptCheckpoints:
    """The copies below a data folder; processes may share it."""

    def __init__(self, data_folder: Path) -> None:
        self._root = data_folder / FOLDER

    def keep(self, source: Path) -> str:
        """Copies a checkpoint, unless it is there; its digest. Raises CheckpointError and DiskFull."""
        spec, digest = read_spec(source), digest_of(source)
        if not self._is_whole(digest):
            with full_disk_named():
                make_folder(self._root.absolute())
                self._copy(source, spec, digest)
        return digest

    def has_any(self) -> bool:
        return self._root.is_dir()

    def has(self, digest: str) -> bool:
        """Whether a copy is there, be it whole or not."""
        return DIGEST.fullmatch(digest) is not None and self._folder(digest).is_dir()

    def folder(self, digest: str) -> Path:
        """The copy, just verified. Raises CheckpointError."""
        if not self.has(digest):
            raise CheckpointError(checkpoint=digest, field="copy", reason="none is kept in the data folder")
        if digest_of(self._folder(digest)) != digest:
            reason = "its files are not what was copied; run `bgm reembed --checkpoint DIR` with the original"
            raise CheckpointError(checkpoint=str(self._folder(digest)), field="digest", reason=reason)
        return self._folder(digest)

    def _folder(self, digest: str) -> Path:
        return self._root / digest.removeprefix("sha256:")

    def _is_whole(self, digest: str) -> bool:
        try:
            self.folder(digest)
        except CheckpointError:
            return False
        return True

    def _copy(self, source: Path, spec: EncoderSpec, digest: str) -> None:
        with TemporaryDirectory(dir=self._root, prefix=".copying-") as temporary:
            made = Path(temporary) / "made"
            for name in _files(source, spec):
                (made / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / name, made / name)
                flush(made / name)
            if digest_of(made) != digest:
                raise CheckpointError(checkpoint=str(source), field="digest", reason="it changed while it was copied")
            flush(made)
            # Another process may have been quicker; then both hold the same, unless what was there is damaged.
            if self._folder(digest).exists() and not self._is_whole(digest):
                self._folder(digest).rename(Path(temporary) / "damaged")
            if not self._folder(digest).exists():
                made.rename(self._folder(digest))
            flush(self._root)


def _files(source: Path, spec: EncoderSpec) -> list[str]:
    """What belongs to a checkpoint, relative to its folder. Raises CheckpointError for what lies outside of it."""
    backbones = [side.backbone for side in (spec.video, spec.music, spec.text) if side is not None]
    named = [name for name in (getattr(backbone, "weights_file", None) for backbone in backbones) if name is not None]
    own = [name for name in named if not Path(name).is_absolute()]
    for name in own:
        if not (source / name).resolve().is_relative_to(source.resolve()):
            reason = f"'{name}' lies outside the checkpoint's folder, so it cannot be kept with it; name its whole path"
            raise CheckpointError(checkpoint=str(source), field="weights_file", reason=reason)
    return [SPEC_FILE, WEIGHTS_FILE, *dict.fromkeys(own)]

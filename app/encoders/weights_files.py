"""Files of backbones' weights: found or fetched, and never used unless their SHA-256 is the one asked for."""

import hashlib
import os
import tempfile
from pathlib import Path

import httpx

from app.errors import CheckpointError

# Three times what VGGish takes: an address that never stops sending must not fill the disk.
MOST_BYTES = 1 << 30
_TIMEOUT_S = 30.0


def verified_file(path: Path, sha256: str, *, checkpoint: str, field: str) -> Path:
    """`path`, read once. Raises CheckpointError; `field` names the backbone in it."""
    try:
        found = _sha256_of(path)
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise CheckpointError(checkpoint=checkpoint, field=f"{field}.weights_file", reason=reason) from error
    _require(sha256, found, path.name, checkpoint=checkpoint, field=field)
    return path


def fetched_file(url: str, sha256: str, *, cache_dir: Path | None, checkpoint: str, field: str) -> Path:
    """The file kept in `cache_dir`, fetched where it is not there or is damaged. Raises CheckpointError.

    The file gets its name only once it is whole and verified, so processes may fetch the same one side by side.
    """
    if cache_dir is None:
        reason = "what is fetched must be kept somewhere: name a cache folder (BGM_CACHE_DIR), or use weights_file"
        raise CheckpointError(checkpoint=checkpoint, field=f"{field}.weights_url", reason=reason)
    kept = cache_dir / f"{sha256}.safetensors"
    try:
        if not kept.exists() or _sha256_of(kept) != sha256:
            cache_dir.mkdir(parents=True, exist_ok=True)
            _fetch_into(kept, url, sha256, checkpoint=checkpoint, field=field)
    # A host's name that breaks the rules for such names is a UnicodeError, of idna or of Python.
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
        reason = f"{url} cannot be fetched: {error}"
        raise CheckpointError(checkpoint=checkpoint, field=f"{field}.weights_url", reason=reason) from error
    return kept


def _fetch_into(kept: Path, url: str, sha256: str, *, checkpoint: str, field: str) -> None:
    handle, name = tempfile.mkstemp(dir=kept.parent, prefix=".fetching-")
    unfinished = Path(name)
    try:
        with (
            os.fdopen(handle, "wb") as file,
            httpx.stream("GET", url, follow_redirects=True, timeout=_TIMEOUT_S) as got,
        ):
            got.raise_for_status()
            digest = hashlib.sha256()
            for piece in got.iter_bytes():
                file.write(piece)
                digest.update(piece)
                if file.tell() > MOST_BYTES:
                    raise OSError(f"it is larger than {MOST_BYTES} bytes")
            file.flush()
            os.fsync(file.fileno())
        _require(sha256, digest.hexdigest(), url, checkpoint=checkpoint, field=field)
        unfinished.rename(kept)
    finally:
        unfinished.unlink(missing_ok=True)


def _require(sha256: str, found: str, name: str, *, checkpoint: str, field: str) -> None:
    if found != sha256:
        reason = f"is {sha256}, but {name} has {found}"
        raise CheckpointError(checkpoint=checkpoint, field=f"{field}.weights_sha256", reason=reason)


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Files by the SHA-256 of their content, and what was measured or made of them. Knows nothing of tracks or rows.

root/tmp/upload-*            on their way in; held by a lock as long as somebody works on them
root/tmp/turn-*              nothing but locks, see `app.blobs.turns`
root/ab/cd/abcd…             a file, all 64 hex digits
root/ab/cd/abcd….SPACE.npy   its features in one feature space
root/ab/cd/abcd….NAME        another file made of it, as `put_derived` was told to call it
root/rendered/               see `app.blobs.rendered`
"""

import fcntl
import os
import re
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.blobs.durable import flush, make_folder, move
from app.blobs.features import features_bytes, features_suffix, read_features
from app.blobs.rendered import RenderedFiles
from app.blobs.turns import Turns
from app.domain import Float32Array
from app.errors import FeaturesDamaged, full_disk_named

SHA256 = re.compile("[0-9a-f]{64}")
DERIVED = re.compile("[a-z0-9-]+\\.[a-z0-9]+")
UPLOADS = "upload-"


class BlobStore:
    """The files below `root`. Threads and processes may share it. Whatever finds no room raises DiskFull."""

    def __init__(self, root: Path) -> None:
        self.rendered = RenderedFiles(root / "rendered")
        self._root = root
        self._temporary = root / "tmp"
        self.turns = Turns(self._temporary)
        self._lock = self._temporary / "lock"
        with full_disk_named():
            make_folder(self._temporary.absolute())
            self._lock.touch()

    @contextmanager
    def new_upload(self) -> Iterator[Path]:
        """An empty file to write to, on the disk of the store; gone when the block ends, unless `put` moved it away."""
        with full_disk_named(), self._alone():
            descriptor, name = tempfile.mkstemp(prefix=UPLOADS, dir=self._temporary)
            # Released by the system itself when this process ends, however it ends.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)
            os.close(descriptor)

    def put(self, temporary: Path, sha256: str) -> Path:
        """Keeps a finished upload under its hash, on disk when this returns; the same content twice is one file."""
        target = self.path(sha256)
        with full_disk_named():
            flush(temporary)
            with self._alone():
                # Its age counts from now: until its row is committed, only its youth keeps it from the sweep.
                now_ns = time.time_ns()
                os.utime(temporary, ns=(now_ns, now_ns))
                move(temporary, target)
        return target

    def path(self, sha256: str) -> Path:
        """Where the file with this hash is, if it is there. Raises ValueError for what is no hash."""
        if not SHA256.fullmatch(sha256):
            raise ValueError(f"'{sha256}' is not 64 hexadecimal digits")
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def put_features(self, sha256: str, space: str, features: Float32Array) -> None:
        """Keeps a file's features, finite float32 of shape (S, E), beside it; replaces those of the same space."""
        target, content = self._features_path(sha256, space), features_bytes(features)
        with full_disk_named(), self.new_upload() as temporary:
            temporary.write_bytes(content)
            flush(temporary)
            with self._alone():
                move(temporary, target)

    def features(self, sha256: str, space: str) -> Float32Array | None:
        """Features of shape (S, E); None where nobody kept any.

        Raises FeaturesDamaged where they cannot be trusted: measure again, and `put_features` mends the file.
        """
        try:
            return read_features(self._features_path(sha256, space))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise FeaturesDamaged(sha256=sha256, space=space, reason=str(error)) from error

    def put_derived(self, temporary: Path, sha256: str, name: str) -> None:
        """Keeps a finished upload that was made of the file with this hash, as long as that is kept, and not at all
        where it is not; replaces what has the same `name`, which is like "preview-1.mp4"."""
        target = self.derived_path(sha256, name)
        with full_disk_named():
            flush(temporary)
            with self._alone():
                if self.path(sha256).exists():
                    move(temporary, target)

    def derived_path(self, sha256: str, name: str) -> Path:
        """Where what was made of a file is, if it is there. Raises ValueError for what is no hash or no such name."""
        if not DERIVED.fullmatch(name):
            raise ValueError(f"'{name}' is no name for a derived file")
        path = self.path(sha256)
        return path.with_name(f"{path.name}.{name}")

    def delete(self, sha256: str, *, put_before_ns: int | None = None) -> None:
        """Removes a file with all that was made of it; there may be none.

        `put_before_ns` (`time.time_ns()`): what was put since stays, for a row is being added for it, perhaps by
        another process.
        """
        path = self.path(sha256)
        with self._alone(), suppress(FileNotFoundError):
            if put_before_ns is None or path.stat().st_mtime_ns <= put_before_ns:
                self._delete(path)

    def sweep(self, known: Collection[str], *, older_than_s: float) -> list[str]:
        """Removes files whose hash is not `known`, with all that was made of them; their hashes.

        What was put less than `older_than_s` ago stays: its row may not be committed yet. Make that longer than any
        track takes from `put` to its row; then `known` may be read at any time before.
        """
        return [sha256 for sha256 in self._hashes() - set(known) if self._sweep_one(sha256, older_than_s)]

    def unnamed(self, known: Collection[str], *, older_than_s: float) -> list[str]:
        """The hashes that `sweep` would remove; removes nothing."""
        return [sha256 for sha256 in self._hashes() - set(known) if self._is_older(sha256, older_than_s)]

    def clear_temporary(self) -> None:
        """Removes uploads that a process left behind when it was killed; those in work, also elsewhere, stay."""
        with self._alone():
            for path in self._left_uploads():
                path.unlink()

    def left_uploads(self) -> list[Path]:
        """What `clear_temporary` would remove; removes nothing."""
        with self._alone():
            return self._left_uploads()

    def _features_path(self, sha256: str, space: str) -> Path:
        path = self.path(sha256)
        return path.with_name(path.name + features_suffix(space))

    def _hashes(self) -> set[str]:
        found = (path.name.partition(".")[0] for path in self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"))
        return {name for name in found if SHA256.fullmatch(name)}

    def _sweep_one(self, sha256: str, older_than_s: float) -> bool:
        with self._alone():
            if not self._is_older(sha256, older_than_s):
                return False
            self._delete(self.path(sha256))
        return True

    def _is_older(self, sha256: str, age_s: float) -> bool:
        """Whether a file and all that was made of it were put more than `age_s` ago; False where there is nothing."""
        newest = max((file.stat().st_mtime for file in self.path(sha256).parent.glob(f"{sha256}*")), default=None)
        return newest is not None and newest <= time.time() - age_s

    def _left_uploads(self) -> list[Path]:
        left = []
        for path in self._temporary.glob(f"{UPLOADS}*"):
            with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
                # Whoever works on it holds its lock.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.append(path)
        return left

    def _delete(self, path: Path) -> None:
        for file in [path, *path.parent.glob(f"{path.name}.*")]:
            file.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other thread or process is in such a block. Between a sweep's look at a file's age and its removal nobody
        may put the same file again; between an upload's making and its lock nobody may clear it away."""
        with self._lock.open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

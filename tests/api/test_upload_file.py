import hashlib
from pathlib import Path

import pytest

from app.api.upload_file import UploadFile
from app.errors import DiskFull, UploadTooLarge
from tests.disk_limits import files_at_most


def test_what_is_written_is_counted_and_hashed(tmp_path: Path) -> None:
    file = UploadFile(tmp_path / "upload", limit_bytes=6)
    for piece in (b"abc", b"", b"def"):
        file.write(piece)
    assert file.close() == hashlib.sha256(b"abcdef").hexdigest()
    assert file.size_bytes == 6
    assert (tmp_path / "upload").read_bytes() == b"abcdef"


def test_not_one_byte_beyond_the_limit_is_written(tmp_path: Path) -> None:
    file = UploadFile(tmp_path / "upload", limit_bytes=5)
    file.write(b"abc")
    with pytest.raises(UploadTooLarge):
        file.write(b"def")
    file.close()
    assert (tmp_path / "upload").read_bytes() == b"abc"


def test_a_disk_without_room_is_called_so(tmp_path: Path) -> None:
    file = UploadFile(tmp_path / "upload", limit_bytes=10_000)
    with files_at_most(1000), pytest.raises(DiskFull):
        file.write(b"x" * 2000)
    file.close()

import os
from pathlib import Path

import pytest

from training.converters.video_folder import FoundFile, files_below, same_name


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def names(found: list[FoundFile]) -> list[str]:
    return [file.name for file in found]


def reasons(found: list[FoundFile]) -> dict[str, tuple[str, str]]:
    return {file.name: (file.passed_over.reason, file.passed_over.detail) for file in found if file.passed_over}


def test_files_of_all_depths_come_in_the_order_of_names_and_hidden_ones_not_at_all(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.mp4", "z/c.mp4", "m/n/d.mp4", ".hidden.mp4", ".cache/e.mp4"):
        write(tmp_path / name, name)
    found = files_below(tmp_path)
    assert names(found) == ["a.mp4", "b.mp4", "m/n/d.mp4", "z/c.mp4"]
    assert reasons(found) == {}
    assert found[0].size_bytes == len("a.mp4")
    assert found[0].modified_ns == (tmp_path / "a.mp4").stat().st_mtime_ns


def test_the_same_bytes_are_taken_once_and_the_others_name_the_first(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", "same")
    write(tmp_path / "b.mp4", "else")
    write(tmp_path / "c/d.mov", "same")
    assert reasons(files_below(tmp_path)) == {"c/d.mov": ("duplicate", "of a.mp4")}


def test_links_are_followed_and_a_circle_of_them_ends(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "a.mp4", "a")
    write(tmp_path / "elsewhere" / "bb.mp4", "bb")
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / "file.mp4").symlink_to(tmp_path / "elsewhere" / "a.mp4")
    (folder / "more").symlink_to(tmp_path / "elsewhere")
    (folder / "round").symlink_to(folder)
    found = files_below(folder)
    assert names(found) == ["file.mp4", "more/a.mp4", "more/bb.mp4"]
    assert reasons(found) == {"more/a.mp4": ("duplicate", "of file.mp4")}


def test_what_cannot_be_opened_is_told_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").symlink_to(tmp_path / "nowhere.mp4")
    os.mkfifo(tmp_path / "endless.mp4")
    found = files_below(tmp_path)
    assert reasons(found) == {
        "broken.mp4": ("unreadable_file", "No such file or directory"),
        "endless.mp4": ("not_a_file", ""),
    }


def test_a_name_that_no_text_file_can_hold_is_told_in_a_form_that_it_can(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.mp4")).write_bytes(b"x")
    assert reasons(files_below(tmp_path)) == {"caf�.mp4": ("name_not_unicode", "")}


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.mp4", "a")
    write(tmp_path / "closed" / "b.mp4", "b")
    scan = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = files_below(tmp_path)
    assert names(found) == ["a.mp4", "closed"]
    assert reasons(found) == {"closed": ("unlisted_folder", "Permission denied")}


def test_two_spellings_of_one_name_are_equal() -> None:
    assert same_name("cafe\u0301/./a.mp4") == same_name("caf\u00e9/a.mp4") == "caf\u00e9/a.mp4"

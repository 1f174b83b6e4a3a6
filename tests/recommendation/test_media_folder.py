import os
from pathlib import Path

from app.recommendation.media_folder import MUSIC_ENDINGS, find_media, same_name, shown


def found(folder: Path, *, outside: Path = Path("nowhere")) -> dict[str, str | None]:
    files = find_media(folder, endings=MUSIC_ENDINGS, outside=outside)
    return {file.path.relative_to(folder).as_posix(): file.passed_over for file in files}


def place(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_files_below_are_found_in_order_whatever_the_case_of_their_ending(tmp_path: Path) -> None:
    place(tmp_path, "b/two.FLAC", "b/c/three.ogg", "one.mp3")

    assert list(found(tmp_path).items()) == [("one.mp3", None), ("b/two.FLAC", None), ("b/c/three.ogg", None)]


def test_what_is_not_worth_a_try_is_told_with_its_reason(tmp_path: Path) -> None:
    place(tmp_path, "cover.jpg", "._song.mp3", "README")
    os.mkfifo(tmp_path / "pipe.mp3")

    assert found(tmp_path) == {
        "cover.jpg": "ending '.jpg' is not one to try",
        "._song.mp3": "hidden file",
        "README": "no ending",
        "pipe.mp3": "not a plain file",
    }


def test_a_broken_link_is_worth_the_try_that_tells_its_reason(tmp_path: Path) -> None:
    (tmp_path / "gone.mp3").symlink_to(tmp_path / "nothing.mp3")

    assert found(tmp_path) == {"gone.mp3": None}


def test_links_in_a_circle_end_and_a_linked_folder_is_read_once(tmp_path: Path) -> None:
    music = tmp_path / "music"
    place(music, "a/song.mp3")
    (music / "a" / "round").symlink_to(music)
    (music / "z").symlink_to(music / "a")
    place(tmp_path / "elsewhere", "other.mp3")
    (music / "linked").symlink_to(tmp_path / "elsewhere")

    assert found(music) == {"a/song.mp3": None, "linked/other.mp3": None}


def test_links_lead_to_nothing_beyond_the_fence(tmp_path: Path) -> None:
    place(tmp_path, "in/one.mp3", "in/deep/two.mp3", "out/three.mp3", "out/more/four.mp3")
    (tmp_path / "in/three.mp3").symlink_to(tmp_path / "out/three.mp3")
    (tmp_path / "in/more").symlink_to(tmp_path / "out/more")
    (tmp_path / "in/again.mp3").symlink_to(tmp_path / "in/deep/two.mp3")

    files = find_media(tmp_path / "in", endings=MUSIC_ENDINGS, outside=Path("nowhere"), fence=tmp_path / "in")

    told = {file.path.relative_to(tmp_path / "in").as_posix(): (file.passed_over, file.is_plain) for file in files}
    inside, beyond = (None, True), ("a link to a place outside the import folder", False)
    assert told == {
        "one.mp3": inside,
        "again.mp3": inside,
        "deep/two.mp3": inside,
        "three.mp3": beyond,
        "more": beyond,
    }


def test_the_folder_of_the_library_itself_is_not_entered(tmp_path: Path) -> None:
    place(tmp_path, "bgm-data/blob.mp3", "song.mp3")

    assert found(tmp_path, outside=tmp_path / "bgm-data") == {"song.mp3": None}


def test_two_spellings_of_an_accent_are_one_name() -> None:
    assert same_name("cafe\u0301.mp3") == same_name("caf\u00e9.mp3")


def test_a_name_is_shown_without_what_a_terminal_would_obey_or_a_database_refuse() -> None:
    assert shown("caf\u00e9 1.mp3") == "caf\u00e9 1.mp3"
    assert shown("red\x1b[31m\n.mp3") == "red\ufffd[31m\ufffd.mp3"
    assert shown(os.fsdecode(b"\xff.mp3")) == "\ufffd.mp3"

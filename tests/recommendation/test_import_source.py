from pathlib import Path

import pytest

from app.errors import InvalidParameter
from app.recommendation.import_source import import_source
from app.request_errors import FolderNotAllowed


@pytest.fixture
def import_dir(tmp_path: Path) -> Path:
    """With a folder of music and a list in it; beside it lies what may not be imported."""
    (tmp_path / "imports" / "new").mkdir(parents=True)
    (tmp_path / "imports" / "new" / "list.csv").write_text("file,title\none.mp3,One\n")
    (tmp_path / "imports-too").mkdir()
    (tmp_path / "outside.csv").write_text("file\n")
    return tmp_path / "imports"


def test_a_folder_is_named_from_the_import_folder_or_from_the_root(import_dir: Path) -> None:
    for name in ("new", "./new/", "new/../new", str(import_dir / "new")):
        source = import_source(name, None, import_dir=import_dir)
        assert (source.folder, source.listed, source.list_file) == (import_dir / "new", None, None)
    assert import_source(".", None, import_dir=import_dir).folder == import_dir


def test_a_list_is_read_at_once(import_dir: Path) -> None:
    source = import_source("new", "new/list.csv", import_dir=import_dir)
    assert source.listed is not None
    assert [(row.file, row.details.title) for row in source.listed] == [("one.mp3", "One")]
    assert source.list_file == import_dir / "new" / "list.csv"


@pytest.mark.parametrize(
    "name", ["..", "../outside", "/", "/etc", "new/../../imports-too", "../imports-too", "n\0w", "x" * 5000, "\udcff"]
)
def test_what_lies_outside_is_refused_in_the_same_words_whether_it_is_there_or_not(import_dir: Path, name: str) -> None:
    with pytest.raises(FolderNotAllowed) as refusal:
        import_source(name, None, import_dir=import_dir)
    assert refusal.value.reason in {
        "the folder lies outside the server's import folder",
        "there is no such folder in the server's import folder",
    }
    if name.startswith((".", "/")):
        assert "outside" in refusal.value.reason


def test_a_link_that_leads_outside_is_outside(import_dir: Path) -> None:
    (import_dir / "way out").symlink_to(import_dir.parent)
    with pytest.raises(FolderNotAllowed, match="outside"):
        import_source("way out", None, import_dir=import_dir)
    with pytest.raises(FolderNotAllowed, match="the list lies outside"):
        import_source("new", "way out/outside.csv", import_dir=import_dir)


def test_an_import_folder_behind_a_link_is_one(import_dir: Path) -> None:
    link = import_dir.parent / "link"
    link.symlink_to(import_dir)
    assert import_source("new", None, import_dir=link).folder == import_dir / "new"
    assert import_source(str(link / "new"), None, import_dir=link).folder == import_dir / "new"


@pytest.mark.parametrize("name", ["missing", "new/list.csv"])
def test_what_is_no_folder_is_refused(import_dir: Path, name: str) -> None:
    with pytest.raises(FolderNotAllowed, match="no such folder"):
        import_source(name, None, import_dir=import_dir)


def test_a_ring_of_links_is_refused(import_dir: Path) -> None:
    (import_dir / "ring").symlink_to(import_dir / "ring")
    with pytest.raises(FolderNotAllowed):
        import_source("ring", None, import_dir=import_dir)


@pytest.mark.parametrize("csv", ["missing.csv", "new"])
def test_a_list_that_is_no_file_is_refused(import_dir: Path, csv: str) -> None:
    with pytest.raises(FolderNotAllowed, match="no such list"):
        import_source("new", csv, import_dir=import_dir)


def test_a_list_that_cannot_be_understood_is_refused_with_its_line(import_dir: Path) -> None:
    (import_dir / "bad.csv").write_text("file,colour\n")
    with pytest.raises(InvalidParameter, match=r"bad\.csv line 1: unknown column 'colour'"):
        import_source("new", "bad.csv", import_dir=import_dir)


def test_a_server_without_an_import_folder_imports_nothing() -> None:
    with pytest.raises(FolderNotAllowed, match="BGM_IMPORT_DIR"):
        import_source(".", None, import_dir=None)


def test_no_refusal_names_a_folder_of_the_server(import_dir: Path) -> None:
    for name, csv in (("..", None), ("missing", None), ("new", "..")):
        with pytest.raises(FolderNotAllowed) as refusal:
            import_source(name, csv, import_dir=import_dir)
        assert str(import_dir) not in str(refusal.value)

from pathlib import Path

import pytest

from app.domain import TrackDetails
from app.errors import InvalidParameter
from app.recommendation.music_list import COLUMNS, MOST_BYTES, ListedTrack, read_music_list


def listed(folder: Path, text: str | bytes) -> list[ListedTrack]:
    path = folder / "songs.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_music_list(path)


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(InvalidParameter) as caught:
        listed(folder, text)
    return str(caught.value)


def test_every_column_becomes_a_detail(tmp_path: Path) -> None:
    row = 'a/one.mp3,One,Ann,First,jazz,calm;warm,"night, city",CC0-1.0,Ann 2020,https://example.org,no,TRUE,96.5'

    (track,) = listed(tmp_path, f"{','.join(COLUMNS)}\n{row}\n")

    assert track == ListedTrack(
        line=2,
        file="a/one.mp3",
        details=TrackDetails(
            title="One",
            artist="Ann",
            album="First",
            genre="jazz",
            moods=("calm", "warm"),
            keywords=("night", "city"),
            license="CC0-1.0",
            attribution="Ann 2020",
            source_url="https://example.org",
            vocals=False,
            explicit=True,
            bpm=96.5,
        ),
    )


def test_columns_come_in_any_order_and_what_is_left_out_is_unknown(tmp_path: Path) -> None:
    (track,) = listed(tmp_path, "Title, FILE ,bpm\nOne,one.mp3,\n")

    assert (track.file, track.details) == ("one.mp3", TrackDetails(title="One"))


@pytest.mark.parametrize("split", [";", "\t"])
def test_other_splits_than_commas_are_read(tmp_path: Path, split: str) -> None:
    (track,) = listed(tmp_path, f'file{split}moods\none.mp3{split}"calm;warm"\n')

    assert track.details.moods == ("calm", "warm")


def test_a_mark_at_the_start_windows_line_ends_and_empty_lines_do_not_disturb(tmp_path: Path) -> None:
    rows = listed(tmp_path, b"\xef\xbb\xbffile,title\r\n\r\none.mp3,One\r\n,\r\n")

    assert [(row.line, row.file) for row in rows] == [(3, "one.mp3")]


def test_empty_cells_at_the_end_of_a_line_may_be_there_or_not(tmp_path: Path) -> None:
    rows = listed(tmp_path, "file,title,,\none.mp3,One,,,\ntwo.mp3\n")

    assert [(row.file, row.details.title) for row in rows] == [("one.mp3", "One"), ("two.mp3", None)]


def test_a_line_number_counts_the_lines_inside_quotes(tmp_path: Path) -> None:
    rows = listed(tmp_path, 'file,attribution\none.mp3,"first\nsecond"\ntwo.mp3,\n')

    assert [row.line for row in rows] == [2, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the first line must name the columns"),
        ("title\nOne\n", "line 1: the first line must name the columns"),
        ("file,licence\n", "line 1: unknown column 'licence'; known: file, title"),
        ("file,title,title\n", "line 1: a column is named twice"),
        ("file,title\none.mp3,One,more\n", "line 2: has 3 cells where the first line has 2"),
        ("file,title\n,One\n", "line 2: names no file"),
        ("file,bpm\na.mp3,90\nb.mp3,fast\n", "line 3: bpm: 'fast' is no number"),
        ("file,bpm\na.mp3,nan\n", "line 2: bpm: must be between 20 and 400"),
        ("file,vocals\na.mp3,some\n", "line 2: vocals: 'some' is neither true nor false"),
        ("file\na.mp3\nb.mp3\na.mp3\n", "line 4: 'a.mp3' has a row already, at line 2"),
        ("file\na.mp3\n./a.mp3\n", "line 3: 'a.mp3' has a row already, at line 2"),
        (f"file,title\na.mp3,{'x' * 501}\n", "line 2: title: has 501 characters"),
        ("file,source_url\na.mp3,example.org\n", "line 2: source_url: must begin with http"),
        ('file,title\na.mp3,"open\n', "line 2: cannot be read as a row: a quotation mark is left open"),
        (b"file,title\na.mp3,One\nb.mp3,caf\xe9\n", "line 3: is not UTF-8"),
    ],
)
def test_a_faulty_list_is_refused_with_its_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert refusal(tmp_path, text).startswith(f"songs.csv {message}")


def test_a_list_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match=r"none\.csv: cannot be read: No such file"):
        read_music_list(tmp_path / "none.csv")


@pytest.mark.parametrize("inside", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1d"])
def test_what_is_no_end_of_a_line_in_a_file_splits_no_row(tmp_path: Path, inside: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"file,artist,license\na.mp3,Foo{inside}Bar,CC0-1.0\n", encoding="utf-8", newline="")
    (row,) = read_music_list(path)
    assert (row.details.artist, row.details.license) == ("Foo Bar", "CC0-1.0")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(tmp_path: Path, end: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"file,title{end}a.mp3,One{end}b.mp3,Two{end}", encoding="utf-8", newline="")
    assert [(row.line, row.file, row.details.title) for row in read_music_list(path)] == [
        (2, "a.mp3", "One"),
        (3, "b.mp3", "Two"),
    ]


def test_a_list_that_is_no_list_but_a_film_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InvalidParameter, match=r"^film\.mp4: is larger than 16 MB"):
        read_music_list(path)


def test_nothing_of_a_path_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter) as refused:
        read_music_list(tmp_path / "none.csv")
    assert str(tmp_path) not in str(refused.value)

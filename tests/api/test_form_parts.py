from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.form_parts import LONGEST_FIELD_BYTES, MOST_PARTS, FormReader, FormShape, boundary_of
from app.errors import InvalidParameter, MalformedRequest

SHAPE = FormShape("video", fields=frozenset({"title", "keywords"}), repeatable=frozenset({"keywords"}))
BOUNDARY = b"xYzZy"


def part(name: str, content: bytes, *, file_name: str | None = None, extra: bytes = b"") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"'
    if file_name is not None:
        disposition += f'; filename="{file_name}"'
    return b"--" + BOUNDARY + b"\r\n" + disposition.encode() + b"\r\n" + extra + b"\r\n" + content + b"\r\n"


def video(content: bytes = b"pixels", *, file_name: str = "clip.mp4", extra: bytes = b"") -> bytes:
    return part("video", content, file_name=file_name, extra=extra)


def closed(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


def read(body: bytes, *, step: int | None = None) -> tuple[FormReader, bytes]:
    """The body read in steps of so many bytes, and the file's bytes."""
    reader = FormReader(BOUNDARY, SHAPE)
    width = step or max(1, len(body))
    pieces = [body[at : at + width] for at in range(0, len(body), width)]
    content = b"".join(bytes(piece) for bit in pieces for piece in reader.feed(bit))
    reader.finish()
    return reader, content


def test_fields_are_kept_and_the_files_bytes_handed_on() -> None:
    reader, content = read(
        closed(part("title", "Köln".encode()), video(), part("keywords", b"a"), part("keywords", b"b"))
    )
    assert content == b"pixels"
    assert reader.file_name == "clip.mp4"
    assert reader.texts == {"title": ["Köln"], "keywords": ["a", "b"]}


@given(st.binary(max_size=400), st.integers(1, 60))
def test_any_content_comes_out_as_it_went_in_however_the_body_is_cut(content: bytes, step: int) -> None:
    assert read(closed(part("title", b"t"), video(content)), step=step)[1] == content


@pytest.mark.parametrize(
    "ending", [b"\r", b"\r\n", b"\r\n--", b"\r\n--xYz", b"\r\n--xYzZ", b"--xYzZy--", b"\r\n\r\n--xYz"]
)
@pytest.mark.parametrize("step", [1, 2, 7])
def test_what_only_begins_like_a_boundary_belongs_to_the_file(ending: bytes, step: int) -> None:
    assert read(closed(video(b"data" + ending)), step=step)[1] == b"data" + ending


@pytest.mark.parametrize(
    ("body", "parameter", "reason"),
    [
        (closed(part("title", b"t")), "video", "is missing"),
        (closed(video(), video()), "video", "more than once"),
        (closed(part("video", b"clip.mp4")), "video", "must be a file"),
        (closed(video(), part("titel", b"t")), "titel", "is not known"),
        (closed(video(), part("title", b"t"), part("title", b"u")), "title", "more than once"),
        (closed(part("title", b"t", file_name="t.txt"), video()), "title", "must be text"),
        (closed(part("title", b"\xff\xfe"), video()), "title", "UTF-8"),
        (closed(part("title", b"x" * (LONGEST_FIELD_BYTES + 1)), video()), "title", "longer"),
    ],
)
def test_another_form_than_the_one_asked_for_is_refused_by_the_parts_name(
    body: bytes, parameter: str, reason: str
) -> None:
    with pytest.raises(InvalidParameter, match=reason) as refused:
        read(body)
    assert refused.value.parameter == parameter


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b"no form at all",
        closed(video())[:-4],
        b"".join([video()]),
        closed(video()).replace(b"form-data; name", b"attachment; name"),
        closed(video()).replace(b"Content-Disposition", b"X-Other"),
        closed(video()).replace(b'name="video"; ', b""),
        closed(video(extra=b"Content-Transfer-Encoding: base64\r\n")),
        closed(video(extra=b"X-A: 1\r\n" * 9)),
        closed(video(extra=b"X-A: " + b"1" * 5000 + b"\r\n")),
        closed(*[part("keywords", b"k")] * (MOST_PARTS + 1)),
    ],
)
def test_what_is_no_form_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedRequest):
        read(body)


def test_what_comes_after_the_closing_boundary_is_passed_over() -> None:
    assert read(closed(video()) + b"epilogue")[1] == b"pixels"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\clip.mp4", "clip.mp4"),
        ("Übung 1.mp4", "Übung 1.mp4"),
        ("%22quoted%22.mp4", '"quoted".mp4'),
        ("tab\there", "tab\N{REPLACEMENT CHARACTER}here"),
        ("", ""),
        ("x" * 300 + ".mp4", "x" * 251 + ".mp4"),
    ],
)
def test_a_file_name_is_only_a_name(sent: str, kept: str) -> None:
    assert read(closed(video(file_name=sent)))[0].file_name == kept


FRAGMENTS = [
    b"--xYzZy",
    b"--",
    b"\r\n",
    b"\r",
    b"\n",
    b": ",
    b"Content-Disposition",
    b"form-data; ",
    b'name="video"; filename="a"',
    b'name="title"',
    b'name="',
    b"filename*=utf-8''x",
    b"\xff\x00",
    b"text",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25), st.integers(1, 9))
def test_whatever_is_sent_is_a_form_or_refused_as_the_callers_fault(fragments: list[bytes], step: int) -> None:
    with suppress(MalformedRequest, InvalidParameter):
        read(b"--xYzZy\r\n" + b"".join(fragments), step=step)


def test_the_boundary_is_read_from_the_content_type() -> None:
    assert boundary_of('multipart/form-data; charset=utf-8; boundary="a b"') == b"a b"


@pytest.mark.parametrize("kind", [None, "", "application/json", "multipart/form-data", "multipart/mixed; boundary=x"])
def test_a_content_type_that_is_no_forms_is_malformed(kind: str | None) -> None:
    with pytest.raises(MalformedRequest):
        boundary_of(kind)


def test_an_endless_boundary_is_malformed() -> None:
    with pytest.raises(MalformedRequest):
        FormReader(b"x" * 1000, SHAPE)

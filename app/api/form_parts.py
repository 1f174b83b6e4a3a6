"""Reads a multipart body bit by bit: small fields are kept, the one file's bytes handed on as they come.

Works on bytes alone; knows neither disks nor sockets, and never holds more of the file than the bit in hand.
"""

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.errors import InvalidParameter, MalformedRequest

MOST_PARTS = 200
MOST_HEADERS = 8
LONGEST_HEADER = 4096
LONGEST_FIELD_BYTES = 16 * 1024
LONGEST_NAME = 100
LONGEST_FILE_NAME = 255
# RFC 7578 took the others away; a body that uses one would be stored as something else than the file.
PLAIN_ENCODINGS = {b"", b"binary", b"7bit", b"8bit"}


@dataclass(frozen=True, slots=True)
class FormShape:
    """What a form may hold: one file, and fields of text, of which `repeatable` ones may come more than once."""

    file: str
    fields: frozenset[str]
    repeatable: frozenset[str]


@dataclass(slots=True)
class _Part:
    """The part being read; `file_name` None for a field of text."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    file_name: str | None = None
    text: bytearray = field(default_factory=bytearray)


class FormReader:
    """One body. `texts` and `file_name` are whole after `finish`.

    Raises MalformedRequest where the body is no form, InvalidParameter, naming the part, where it is another form.
    """

    def __init__(self, boundary: bytes, shape: FormShape) -> None:
        self.texts: dict[str, list[str]] = {}
        self.file_name: str | None = None
        self._shape = shape
        self._part = _Part()
        self._parts_begun = 0
        self._header_name, self._header_value = bytearray(), bytearray()
        self._file_pieces: list[memoryview] = []
        self._is_over = False
        self._parser = self._parser_for(boundary)

    def feed(self, data: bytes) -> list[memoryview]:
        """The file's bytes within the next bit of the body, in their order; views of `data`, not copies."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise MalformedRequest(reason="the body is not well-formed multipart/form-data") from error
        pieces, self._file_pieces = self._file_pieces, []
        return pieces

    def finish(self) -> None:
        """The body is over: was it whole, and was the file in it?"""
        if not self._is_over:
            raise MalformedRequest(reason="the body ends before its closing boundary")
        if self.file_name is None:
            raise InvalidParameter(parameter=self._shape.file, reason="is missing")

    def _parser_for(self, boundary: bytes) -> MultipartParser:
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": lambda data, start, end: self._header_name.extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._header_value.extend(data[start:end]),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._open_part,
                    "on_part_data": self._take_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end_body,
                },
                max_header_count=MOST_HEADERS,
                max_header_size=LONGEST_HEADER,
            )
        except FormParserError as error:
            raise MalformedRequest(reason="the multipart boundary is too long") from error

    def _begin_part(self) -> None:
        self._parts_begun += 1
        if self._parts_begun > MOST_PARTS:
            raise MalformedRequest(reason=f"the form has more than {MOST_PARTS} parts")
        self._part = _Part()

    def _end_header(self) -> None:
        self._part.headers[bytes(self._header_name).lower()] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _open_part(self) -> None:
        part = self._part
        kind, options = parse_options_header(part.headers.get(b"content-disposition", b"").decode("latin-1"))
        if kind != b"form-data" or not options.get(b"name"):
            raise MalformedRequest(reason="a part has no Content-Disposition of form-data with a name")
        if part.headers.get(b"content-transfer-encoding", b"").strip().lower() not in PLAIN_ENCODINGS:
            raise MalformedRequest(reason="a part has a Content-Transfer-Encoding; send it as it is")
        part.name = options[b"name"].decode("utf-8", "replace")[:LONGEST_NAME]
        if b"filename" in options:
            part.file_name = _plain_name(options[b"filename"])
        self._check_place()

    def _check_place(self) -> None:
        name, is_file = self._part.name, self._part.file_name is not None
        if name == self._shape.file:
            if not is_file:
                raise InvalidParameter(parameter=name, reason=f"must be a file (with curl: -F {name}=@FILE)")
            if self.file_name is not None:
                raise InvalidParameter(parameter=name, reason="is given more than once")
            self.file_name = self._part.file_name
        elif name not in self._shape.fields:
            raise InvalidParameter(parameter=name, reason="is not known here")
        elif is_file:
            raise InvalidParameter(parameter=name, reason="must be text, not a file")
        elif name in self.texts and name not in self._shape.repeatable:
            raise InvalidParameter(parameter=name, reason="is given more than once")

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.file_name is not None:
            self._file_pieces.append(memoryview(data)[start:end])
            return
        self._part.text += data[start:end]
        if len(self._part.text) > LONGEST_FIELD_BYTES:
            raise InvalidParameter(parameter=self._part.name, reason=f"is longer than {LONGEST_FIELD_BYTES} bytes")

    def _end_part(self) -> None:
        part = self._part
        if part.file_name is not None:
            return
        try:
            self.texts.setdefault(part.name, []).append(part.text.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise InvalidParameter(parameter=part.name, reason="is not UTF-8") from error

    def _end_body(self) -> None:
        self._is_over = True


def boundary_of(content_type: str | None) -> bytes:
    """The boundary that a Content-Type names. Raises MalformedRequest where it is no form's."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        raise MalformedRequest(reason="the body must be multipart/form-data")
    if not options.get(b"boundary"):
        raise MalformedRequest(reason="the Content-Type names no boundary")
    return options[b"boundary"]


def _plain_name(raw: bytes) -> str:
    """A file's name without its folders, printable, of bounded length; browsers write quotes and line ends as %22 …"""
    name = raw.decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2]
    printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
    return printable.replace("%22", '"').strip()[-LONGEST_FILE_NAME:]

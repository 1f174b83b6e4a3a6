"""Serves the page: a handful of files, read once and kept in memory. Knows nothing of what they do."""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from app.api.byte_ranges import is_among

FOLDER = Path(__file__).parent.parent / "web"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    # Asked for every time and answered by 304: a new version of the server is a new page at once.
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
# Systems differ in what they know of these.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
GZIP = r"gzip(\s*;\s*q\s*=\s*(1(\.0*)?|0\.\d*[1-9]\d*))?"
COMPRESSED = frozenset(TYPES) - {".woff2"}


@dataclass(frozen=True, slots=True)
class PageFile:
    """`compressed`: by gzip; None where that would gain nothing. `etag`: of the content, in quotes."""

    content: bytes
    compressed: bytes | None
    media_type: str
    etag: str


def page_files(folder: Path) -> dict[str, PageFile]:
    """Every file below a folder by its path there, with slashes; what is not here is never served."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _page_file(path) for path in found}


def page_router(files: Mapping[str, PageFile]) -> APIRouter:
    """The page at `/`, its files below `/web/`."""
    router = APIRouter(include_in_schema=False)

    async def page(request: Request) -> Response:
        return answer(files, "index.html", request)

    async def icon(request: Request) -> Response:
        return answer(files, "icon.svg", request)

    async def file(request: Request, path: str) -> Response:
        return answer(files, path, request)

    for path, endpoint in (("/", page), ("/favicon.ico", icon), ("/web/{path:path}", file)):
        router.add_api_route(path, endpoint, methods=["GET", "HEAD"])
    return router


def answer(files: Mapping[str, PageFile], path: str, request: Request) -> Response:
    """The file, or 304 where the client has it. Raises HTTPException where there is none of this path."""
    found = files.get(path)
    if found is None:
        raise HTTPException(404)
    is_compressed = found.compressed is not None and takes_gzip(request.headers.get("accept-encoding"))
    # The two encodings are different bytes: each has its own.
    etag = f'{found.etag[:-1]}-gzip"' if is_compressed else found.etag
    headers = HEADERS | {"ETag": etag}
    if is_among(etag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    if is_compressed:
        headers["Content-Encoding"] = "gzip"
    content = found.compressed if is_compressed else found.content
    return Response(content, headers=headers, media_type=found.media_type)


def takes_gzip(header: str | None) -> bool:
    """Whether an Accept-Encoding header names gzip, and not to refuse it."""
    return any(re.fullmatch(GZIP, coding.strip(), re.ASCII | re.IGNORECASE) for coding in (header or "").split(","))


def _page_file(path: Path) -> PageFile:
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0) if path.suffix in COMPRESSED else content
    media_type = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return PageFile(content, packed if len(packed) < len(content) else None, media_type, etag)

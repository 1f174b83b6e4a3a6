"""Receives a form with one file: from the socket to a temporary file, in bounded memory and in one pass."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request

from app.api.form_parts import FormReader, FormShape, boundary_of
from app.api.upload_file import UploadFile
from app.errors import InvalidParameter, MalformedRequest, UploadTooLarge

# What a form may have beside its file: fields, headers, boundaries.
FORM_ROOM_BYTES = 1024 * 1024
# Written at a time: large enough that going to another thread for it costs nothing, small enough to hold twice.
PIECE_BYTES = 1024 * 1024
# A client that sends nothing for so long is gone or means ill; its place among the admitted goes to the next.
STALL_S = 60.0
# The same for one that sends a byte now and then. A poor mobile connection manages some times as much.
LEAST_BYTES_PER_S = 16_384


@dataclass(frozen=True, slots=True)
class Upload:
    """A form received whole. `path` is gone when the receiving context ends, unless it was moved away before."""

    path: Path
    name: str
    sha256: str
    size_bytes: int
    texts: Mapping[str, Sequence[str]]
    receive_ms: float


@asynccontextmanager
async def received(
    request: Request, shape: FormShape, *, temporary: AbstractContextManager[Path], limit_bytes: int
) -> AsyncIterator[Upload]:
    """The request's form, its file at a path of `temporary`.

    Raises UploadTooLarge, before anything is read where the client says the length, MalformedRequest,
    InvalidParameter and DiskFull.
    """
    started = time.perf_counter()
    reader = FormReader(boundary_of(request.headers.get("content-type")), shape)
    if int(request.headers.get("content-length", "0")) > limit_bytes + FORM_ROOM_BYTES:
        raise UploadTooLarge(limit_bytes=limit_bytes)
    async with _in_threads(temporary) as path:
        file = await asyncio.to_thread(UploadFile, path, limit_bytes=limit_bytes)
        try:
            async with aclosing(_chunks(request, limit_bytes=limit_bytes)) as chunks:
                await _write(chunks, reader, file)
        finally:
            sha256 = file.close()
        reader.finish()
        if not file.size_bytes:
            raise InvalidParameter(parameter=shape.file, reason="is empty")
        spent_ms = (time.perf_counter() - started) * 1000
        yield Upload(path, reader.file_name or "", sha256, file.size_bytes, reader.texts, spent_ms)


@asynccontextmanager
async def _in_threads(temporary: AbstractContextManager[Path]) -> AsyncIterator[Path]:
    # Taking away a file of a gigabyte takes the disk a seventh of a second, in which nobody else may have to wait.
    path = await asyncio.to_thread(temporary.__enter__)
    try:
        yield path
    finally:
        await asyncio.to_thread(temporary.__exit__, None, None, None)


async def _write(chunks: AsyncIterator[bytes], reader: FormReader, file: UploadFile) -> None:
    waiting = bytearray()
    async for chunk in chunks:
        for piece in reader.feed(chunk):
            waiting += piece
        if len(waiting) >= PIECE_BYTES:
            await asyncio.to_thread(file.write, waiting)
            waiting = bytearray()
    await asyncio.to_thread(file.write, waiting)


async def _chunks(request: Request, *, limit_bytes: int) -> AsyncGenerator[bytes]:
    stream, most, received_bytes, began = request.stream(), limit_bytes + FORM_ROOM_BYTES, 0, time.monotonic()
    while True:
        patience_s = STALL_S + received_bytes / LEAST_BYTES_PER_S - (time.monotonic() - began)
        try:
            async with asyncio.timeout(min(STALL_S, patience_s)):
                chunk = await anext(stream, None)
        except TimeoutError as error:
            reason = f"nothing was sent for {STALL_S:.0f} s, or less than {LEAST_BYTES_PER_S} bytes a second"
            raise MalformedRequest(reason=reason) from error
        if chunk is None:
            return
        received_bytes += len(chunk)
        if received_bytes > most:
            raise UploadTooLarge(limit_bytes=limit_bytes)
        yield chunk

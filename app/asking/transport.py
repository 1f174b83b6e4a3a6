"""Sends the client's requests over httpx, in a thread or in an event loop; no error of httpx gets out of here."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Mapping
from contextlib import aclosing, closing, suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx

from app.asking.downloads import ArrivingFile
from app.asking.early_answers import FRESH_CONNECTIONS, Line
from app.asking.flow import Attempt, Flow, advanced, begun
from app.asking.forms import PIECE_BYTES, OpenForm
from app.asking.messages import Answer, Request, Unanswered
from app.asking.wire import Address, Meter, answer_of

ResultT = TypeVar("ResultT")


class ThreadTransport:
    """Waits in the thread that asks. Threads may share it."""

    def __init__(self, address: Address, key: str | None) -> None:
        self._address = address
        options = address.options(key)
        self._http, self._uploads = httpx.Client(**options), httpx.Client(**options, limits=FRESH_CONNECTIONS)

    def close(self) -> None:
        self._http.close()
        self._uploads.close()

    def run(self, flow: Flow[ResultT]) -> ResultT:
        step = begun(flow)
        while isinstance(step, Attempt):
            time.sleep(step.after_s)
            step = advanced(flow, self._outcome(step.request))
        return step.result

    def _outcome(self, request: Request) -> Answer | Unanswered:
        if request.form is None:
            return self._exchange(self._http, request, request.content)
        line, meter = Line(), Meter.of_upload(request.form, request.progress)
        with closing(OpenForm(request.form)) as form, closing(_pieces(form, line, meter)) as pieces:
            return self._exchange(self._uploads, request, pieces, {"trace": line.watch})

    def _exchange(
        self,
        http: httpx.Client,
        request: Request,
        content: bytes | Iterable[bytes],
        extensions: Mapping[str, Any] | None = None,
    ) -> Answer | Unanswered:
        try:
            with http.stream(**self._address.parts(request), content=content, extensions=extensions) as response:
                return self._answer(response, request)
        except httpx.HTTPError as error:
            return self._address.unanswered(error)

    def _answer(self, response: httpx.Response, request: Request) -> Answer:
        if request.into is None or not response.is_success:
            return answer_of(response, response.read())
        with closing(ArrivingFile(request.into)) as file:
            meter = Meter.of_download(request, response)
            for piece in response.iter_raw(PIECE_BYTES):
                file.write(piece)
                meter.add(piece)
            file.keep()
        return answer_of(response, b"")


class LoopTransport:
    """Waits in an event loop; what touches a disk is done in threads."""

    def __init__(self, address: Address, key: str | None) -> None:
        self._address = address
        options = address.options(key)
        self._http, self._uploads = httpx.AsyncClient(**options), httpx.AsyncClient(**options, limits=FRESH_CONNECTIONS)

    async def close(self) -> None:
        await self._http.aclose()
        await self._uploads.aclose()

    async def run(self, flow: Flow[ResultT]) -> ResultT:
        step = begun(flow)
        while isinstance(step, Attempt):
            await asyncio.sleep(step.after_s)
            step = advanced(flow, await self._outcome(step.request))
        return step.result

    async def _outcome(self, request: Request) -> Answer | Unanswered:
        if request.form is None:
            return await self._exchange(self._http, request, request.content)
        line, meter = Line(), Meter.of_upload(request.form, request.progress)
        with closing(OpenForm(request.form)) as form:
            async with aclosing(_pieces_in_threads(form, line, meter)) as pieces:
                return await self._exchange(self._uploads, request, pieces, {"trace": line.watch_in_loop})

    async def _exchange(
        self,
        http: httpx.AsyncClient,
        request: Request,
        content: bytes | AsyncIterable[bytes],
        extensions: Mapping[str, Any] | None = None,
    ) -> Answer | Unanswered:
        try:
            async with http.stream(**self._address.parts(request), content=content, extensions=extensions) as response:
                return await self._answer(response, request)
        except httpx.HTTPError as error:
            return self._address.unanswered(error)

    async def _answer(self, response: httpx.Response, request: Request) -> Answer:
        if request.into is None or not response.is_success:
            return answer_of(response, await response.aread())
        file = await _arriving(request.into)
        try:
            meter = Meter.of_download(request, response)
            async for piece in response.aiter_raw(PIECE_BYTES):
                await asyncio.to_thread(file.write, piece)
                meter.add(piece)
            await asyncio.to_thread(file.keep)
        finally:
            await asyncio.to_thread(file.close)
        return answer_of(response, b"")


async def _arriving(target: Path) -> ArrivingFile:
    """A thread cannot be cancelled: what it opens meanwhile is closed again."""
    opening = asyncio.create_task(asyncio.to_thread(ArrivingFile, target))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        with suppress(OSError):
            await asyncio.to_thread((await opening).close)
        raise


def _pieces(form: OpenForm, line: Line, meter: Meter) -> Generator[bytes]:
    while piece := form.next_piece():
        line.check()
        yield piece
        meter.add(piece)


async def _pieces_in_threads(form: OpenForm, line: Line, meter: Meter) -> AsyncGenerator[bytes]:
    while piece := await asyncio.to_thread(form.next_piece):
        line.check()
        yield piece
        meter.add(piece)

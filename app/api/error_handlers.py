"""Lets every error become a problem body: raised by an endpoint, by the routing before it, or by nobody's plan."""

import asyncio
import logging
from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import ProblemResponse, body, defect_body, problem, status_of
from app.api.request_ids import request_id_of
from app.api.validation import refusal
from app.errors import BgmError, NotReady, SetupError

LOG = logging.getLogger(__name__)


def install(app: FastAPI, *, routes: Sequence[BaseRoute]) -> None:
    """`routes`: all of the application's own, asked which methods a path takes."""

    async def answer_routing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if isinstance(error.__cause__, BgmError):
            # The framework takes every error that ends the reading of a body for a fault in the body.
            return own_problem(error.__cause__, request.scope)
        return _routing_problem(request, error, routes)

    app.add_exception_handler(BgmError, _answer_own)
    app.add_exception_handler(HTTPException, answer_routing)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(ClientDisconnect, _answer_nobody)


class UnexpectedErrors:
    """Wraps an application: what nobody foresaw is logged with its request id and answered as internal_error.

    A request that is cut off because the server stops is answered as not_ready.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = False

        async def watched(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except asyncio.CancelledError:
            # The server stops and has waited long enough for its last requests.
            if has_started:
                raise
            await problem(NotReady(missing=["the server, which is stopping"]), request_id_of(scope))(
                scope, receive, send
            )
        except Exception:
            request_id = request_id_of(scope)
            LOG.exception("request %s: unexpected error", request_id)
            if has_started:
                # Half an answer is out: only a closed connection tells the client that it is not whole.
                raise
            await ProblemResponse(defect_body(request_id), status_code=500)(scope, receive, send)


def own_problem(error: BgmError, scope: Scope) -> Response:
    """The answer for an error of this application; whatever is not the caller's to mend is logged."""
    request_id = request_id_of(scope)
    if isinstance(error, SetupError) or status_of(error) == HTTPStatus.INTERNAL_SERVER_ERROR:
        LOG.error("request %s: %s %s", request_id, error, error.facts(), exc_info=error)
    return problem(error, request_id)


async def _answer_own(request: Request, error: Exception) -> Response:
    assert isinstance(error, BgmError)
    return own_problem(error, request.scope)


def _routing_problem(request: Request, error: HTTPException, routes: Sequence[BaseRoute]) -> Response:
    known = {
        404: ("not_found", "there is nothing at this path"),
        405: ("method_not_allowed", "this path does not take that method"),
        400: ("malformed_request", "the body is not JSON that can be read"),
    }
    code, detail = known.get(error.status_code, ("malformed_request", str(error.detail)))
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # The framework names the methods of the first route at this path only.
        headers["Allow"] = ", ".join(sorted(_methods_at(request.scope, routes))) or headers["Allow"]
    answer = body(error.status_code, code, detail, request_id_of(request.scope))
    return ProblemResponse(answer, status_code=error.status_code, headers=headers)


def _methods_at(scope: Scope, routes: Sequence[BaseRoute]) -> set[str]:
    found = [route for route in routes if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE]
    return {method for route in found for method in route.methods or ()}


async def _answer_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(refusal(error.errors()[0]), request_id_of(request.scope))


async def _answer_nobody(_request: Request, _error: Exception) -> Response:
    # The client is gone; whatever is sent goes nowhere, and a stack trace in the log would only frighten.
    return Response(status_code=HTTPStatus.BAD_REQUEST)

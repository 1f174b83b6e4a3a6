"""The door through which every request comes: finds out who sends it, and refuses it before its body is read."""

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.access import ANYBODY, Caller
from app.api.error_handlers import own_problem
from app.api.origins import check_origin, is_name_of_this_machine
from app.errors import BgmError
from app.recommendation.doorkeeper import Doorkeeper
from app.request_errors import BadOrigin, KeyRequired

HEALTH = frozenset({"/healthz", "/readyz"})
# What a browser loads before it can know a key.
STATIC = frozenset({"/", "/favicon.ico"})
STATIC_FOLDER = "/web/"
# Where a key is exchanged for a cookie, and the cookie given back: it does its own looking.
SESSION = "/session"
COOKIE = "bgm_session"
# What players ask for in small parts, dozens of times for one track.
PLAYED = ("/audio", "/preview", "/video")


class Door:
    """Wraps an application: sets the request's `caller`, or answers in the application's place."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in HEALTH:
            try:
                await _let_in(scope)
            except BgmError as refusal:
                await own_problem(refusal, scope)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def address_of(scope: Scope) -> str:
    """Whoever is at the other end, or whoever a trusted proxy says is."""
    return scope["client"][0] if scope.get("client") else "unknown"


def bearer_of(scope: Scope) -> str | None:
    """The key in the Authorization header, where there is one."""
    kind, _, key = Headers(scope=scope).get("authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else None


async def _let_in(scope: Scope) -> None:
    keeper: Doorkeeper = scope["state"]["door"]
    path: str = scope["path"]
    await _check_host(scope, keeper)
    if path in STATIC or path.startswith(STATIC_FOLDER):
        return
    caller = await _caller(scope, keeper)
    scope["state"]["caller"] = caller
    if caller is not None and not (scope["method"] in {"GET", "HEAD"} and path.endswith(PLAYED)):
        keeper.count(caller, address=address_of(scope))


async def _check_host(scope: Scope, keeper: Doorkeeper) -> None:
    """Without keys, a page of strangers whose name was made to point here must not be taken for the server's own."""
    host = Headers(scope=scope).get("host", "")
    if keeper.rules.is_local and not is_name_of_this_machine(host) and not await keeper.wants_key():
        raise BadOrigin(origin=host)


async def _caller(scope: Scope, keeper: Doorkeeper) -> Caller | None:
    """None only where a key or a cookie is yet to be exchanged."""
    if not await keeper.wants_key():
        check_origin(scope)
        return ANYBODY
    key = bearer_of(scope)
    if key is not None:
        # No page of another origin can send this header: browsers ask first, and are not allowed.
        return await keeper.caller_of_key(key, address=address_of(scope))
    check_origin(scope)
    token = HTTPConnection(scope).cookies.get(COOKIE)
    caller = None if token is None else await keeper.caller_of_session(token)
    if caller is None and not (scope["path"] == SESSION and scope["method"] in {"POST", "DELETE"}):
        raise KeyRequired
    return caller

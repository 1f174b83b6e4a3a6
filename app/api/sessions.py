"""Sessions over HTTP: the page exchanges a key for a cookie, since players and downloads can send no header."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.access import ANYBODY, Caller, Scope
from app.api.callers import CallerDep
from app.api.dependencies import DoorkeeperDep
from app.api.documentation import OPEN_TO_ALL, of_a_body, of_a_parameter, of_any_path, of_writing, problems
from app.api.door import COOKIE, address_of, bearer_of
from app.recommendation.doorkeeper import Doorkeeper
from app.request_errors import KeyRequired

MOST_KEY_CHARACTERS = 1000


class Session(BaseModel):
    """Who is asking. Where the server asks for no key `name` is null, and everything is allowed."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "phone", "scope": "manage", "key_required": True}})

    name: str | None
    scope: Scope
    key_required: bool

    @classmethod
    def of(cls, caller: Caller) -> "Session":
        return cls(name=caller.name, scope=caller.scope, key_required=caller != ANYBODY)


class OfferedKey(BaseModel):
    """A key on its way in; taken from the Authorization header where there is no body."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=MOST_KEY_CHARACTERS)


router = APIRouter(tags=["session"])


@router.post(
    "/session",
    summary="Exchange a key for a cookie",
    responses=problems(of_any_path(), of_a_body(), of_a_parameter("key", "is missing"), of_writing()),
    openapi_extra=OPEN_TO_ALL,
)
async def create_session(
    request: Request, response: Response, keeper: DoorkeeperDep, offered: OfferedKey | None = None
) -> Session:
    """The key comes in the Authorization header or in the body. The cookie is good for 12 hours."""
    caller = await _caller_of(request, offered, keeper)
    if caller != ANYBODY:
        token = await keeper.open_session(caller)
        is_secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=is_secure)
    return Session.of(caller)


@router.get("/session", summary="Who is asking", responses=problems(of_any_path()))
async def read_session(caller: CallerDep) -> Session:
    return Session.of(caller)


@router.delete(
    "/session", summary="Give the cookie back", status_code=204, responses=problems(of_any_path(), of_writing())
)
async def remove_session(request: Request, response: Response, keeper: DoorkeeperDep) -> None:
    token = request.cookies.get(COOKIE)
    if token is not None:
        await keeper.close_session(token)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


async def _caller_of(request: Request, offered: OfferedKey | None, keeper: Doorkeeper) -> Caller:
    if not await keeper.wants_key():
        return ANYBODY
    key = offered.key if offered else bearer_of(request.scope)
    if key is None:
        raise KeyRequired
    return await keeper.caller_of_key(key, address=address_of(request.scope))

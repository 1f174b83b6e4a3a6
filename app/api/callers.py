"""Who sends a request, as the door found out, and what an endpoint wants of them."""

from collections.abc import Awaitable, Callable
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from app.access import Caller, Scope
from app.request_errors import KeyLacksScope

# For the documentation alone: the door has looked at the key when a request comes this far.
KEY = HTTPBearer(auto_error=False, description="a key, as `bgm keys create` prints it; not where the server has none")


async def get_caller(request: Request) -> Caller:
    """Set by the door, through which every request comes."""
    return cast(Caller, request.state.caller)


CallerDep = Annotated[Caller, Depends(get_caller)]


def needs(scope: Scope) -> Callable[[Caller], Awaitable[Caller]]:
    """A dependency that gives the caller. Raises KeyLacksScope."""

    async def checked(caller: CallerDep) -> Caller:
        if not caller.may(scope):
            raise KeyLacksScope(scope=caller.scope, needed=scope)
        return caller

    return checked


Manager = Annotated[Caller, Depends(needs("manage"))]

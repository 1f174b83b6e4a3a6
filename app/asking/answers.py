"""Reads the API's answers: values where they are good, errors where they are not. Pure."""

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.asking.errors import ApiError, UnexpectedAnswer
from app.asking.messages import Answer

ValueT = TypeVar("ValueT")
PROBLEM_MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


def parsed(kind: type[ValueT], answer: Answer) -> ValueT:
    """The answer's body as a value; members that it does not know are passed over, so that servers may be newer.

    Raises UnexpectedAnswer, naming the member, where one is missing or of another type.
    """
    try:
        value: ValueT = TypeAdapter(kind).validate_json(answer.body, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UnexpectedAnswer(status=answer.status, reason=f"{place}: {first['msg']}".lstrip(": ")) from error
    return value


def checked(answer: Answer) -> Answer:
    """The same answer, if it is a good one. Raises ApiError, and UnexpectedAnswer where it has no problem body."""
    if 200 <= answer.status < 300:
        return answer
    problem = problem_of(answer)
    if problem is None:
        raise UnexpectedAnswer(status=answer.status, reason=_oddity(answer))
    raise ApiError(
        code=problem["code"],
        status=answer.status,
        detail=str(problem.get("detail", "")),
        request_id=problem.get("request_id", answer.headers.get("x-request-id")),
        members={name: value for name, value in problem.items() if name not in PROBLEM_MEMBERS},
    )


def problem_of(answer: Answer) -> dict[str, Any] | None:
    """The members of a problem body (RFC 9457); None where the answer has none with a code."""
    try:
        problem = json.loads(answer.body)
    except ValueError:
        return None
    return problem if isinstance(problem, dict) and isinstance(problem.get("code"), str) else None


def _oddity(answer: Answer) -> str:
    if "location" in answer.headers:
        return f"it points to {answer.headers['location']}; is that the server's address?"
    return f"a body of type {answer.headers.get('content-type', 'unknown')} where a problem should be"

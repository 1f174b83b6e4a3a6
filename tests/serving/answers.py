"""What holds for every answer of a server, whatever was asked; and what its OpenAPI says of errors."""

import re
import tempfile
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parent.parent.parent
PROBLEM = "application/problem+json"
MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}
# What each status brings beside its body.
HEADERS = {401: "www-authenticate", 405: "allow", 416: "content-range", 429: "retry-after", 503: "retry-after"}
# Of a stack trace, and of where things lie on the server's disk.
INSIDE = ("Traceback", 'File "', "site-packages", "sqlalchemy", str(ROOT), tempfile.gettempdir() + "/")
# What any path can give, and none lists by itself.
OF_ANY_PATH = {"internal_error", "not_found", "method_not_allowed"}
# Paths that OpenAPI leaves out.
UNLISTED = ("/", "/web/{path}", "/favicon.ico", "/docs", "/docs/{file}", "/openapi.json")


def listed_codes() -> dict[str, int]:
    """The table of the README: every code that an error can have, and its status."""
    readme = (ROOT / "README.md").read_text()
    return {code: int(status) for code, status in re.findall(r"^\| `(\w+)` \| (\d{3}) \|", readme, re.MULTILINE)}


def check_answer(answer: httpx.Response) -> None:
    """It carries a request id, and where it is an error it is a documented one that tells nothing of the inside."""
    assert answer.headers["x-request-id"]
    if answer.status_code < 400 or answer.request.method == "HEAD":
        return
    answer.read()
    assert answer.headers["content-type"] == PROBLEM, answer.text
    body = answer.json()
    assert body.keys() >= MEMBERS
    assert body["status"] == answer.status_code == listed_codes()[body["code"]], body
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["type"].endswith(f":{body['code']}")
    assert body["title"]
    assert body["detail"]
    assert HEADERS.get(answer.status_code, "x-request-id") in answer.headers
    assert not [word for word in INSIDE if word in answer.text], answer.text


def operation_of(request: httpx.Request, paths: dict[str, Any]) -> str:
    """What a request asks for, of an OpenAPI document or of what that leaves out: like "GET /music/{track_id}"."""
    return f"{request.method} {_template(request.url.path, [*paths, *UNLISTED])}"


def is_documented(answer: httpx.Response, paths: dict[str, Any]) -> bool:
    """Whether OpenAPI says that this path can give this error."""
    code, status = answer.json()["code"], str(answer.status_code)
    method, _, path = operation_of(answer.request, paths).partition(" ")
    found = paths.get(path, {}).get(method.lower(), {}).get("responses", {}).get(status, {})
    return code in OF_ANY_PATH or code in found.get("content", {}).get(PROBLEM, {}).get("examples", {})


def _template(path: str, templates: list[str]) -> str:
    """Those without a parameter come first, as they do in the application."""
    for template in sorted(templates, key=lambda known: known.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template.replace("{path}", ".+")), path):
            return template
    return "unknown"

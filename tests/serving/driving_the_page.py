"""Drives what OpenAPI leaves out, as a browser would: the page and the documentation."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from tests.serving.answers import is_documented
from tests.serving.at_hand import AtHand

POLICY = "default-src 'none'"


def _page(at_hand: AtHand) -> httpx.Response:
    """Every file that it names is there, and every file by another name is not."""
    answer = at_hand.client.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert POLICY in answer.headers["content-security-policy"]
    named = re.findall(r'(?:src|href)="(/web/[^"]+)"', answer.text)
    assert named
    assert {at_hand.client.get(path).status_code for path in named} == {200}
    return answer


def _page_file(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.get("/web/app.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    again = at_hand.client.get("/web/app.css", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    for path in ("/web/", "/web/nothing.js", "/web/%2e%2e/main.py", "/web/..%2fmain.py", "/web//etc/passwd"):
        assert at_hand.client.get(path).json()["code"] == "not_found"
    return answer


def _icon(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.get("/favicon.ico")
    assert answer.headers["content-type"] == "image/svg+xml"
    return answer


def _docs(at_hand: AtHand) -> httpx.Response:
    answer = at_hand.client.get("/docs")
    assert POLICY in answer.headers["content-security-policy"]
    assert not re.findall(r'(?:src|href)="(?!/)', answer.text)
    return answer


def _docs_file(at_hand: AtHand) -> httpx.Response:
    named = re.findall(r'(?:src|href)="(/docs/[^"]+)"', at_hand.client.get("/docs").text)
    assert len(named) == 3
    return [at_hand.client.get(path) for path in named][-1]


def _openapi(at_hand: AtHand) -> httpx.Response:
    """Each success of every path that gives JSON has a schema."""
    answer = at_hand.client.get("/openapi.json")
    paths: dict[str, Any] = answer.json()["paths"]
    assert is_documented(at_hand.client.get("/music/unknown"), paths)
    assert not is_documented(at_hand.client.get("/music/unknown"), {})
    return answer


UNLISTED: Mapping[str, Callable[[AtHand], httpx.Response]] = {
    "GET /": _page,
    "GET /web/{path}": _page_file,
    "GET /favicon.ico": _icon,
    "GET /docs": _docs,
    "GET /docs/{file}": _docs_file,
    "GET /openapi.json": _openapi,
}

"""Tells this server's own page from those of others, by what browsers say of where a request comes from."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from app.access import is_loopback
from app.request_errors import BadOrigin

CHANGES_NOTHING = frozenset({"GET", "HEAD", "OPTIONS"})
USUAL_PORTS = {"http": 80, "https": 443}
# What a browser says of a request that no page of another origin has sent.
OWN_SITES = frozenset({"same-origin", "none"})


def check_origin(scope: Scope) -> None:
    """Raises BadOrigin where a page of another origin tries to change something.

    A client that is no browser sends neither header, and passes.
    """
    if scope["method"] in CHANGES_NOTHING:
        return
    headers = Headers(scope=scope)
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    if origin is not None and not is_own_origin(origin, host=headers.get("host", ""), scheme=scope["scheme"]):
        raise BadOrigin(origin=origin)
    if origin is None and site not in OWN_SITES:
        raise BadOrigin(origin=site)


def is_own_origin(origin: str, *, host: str, scheme: str) -> bool:
    """Whether a page of `origin` was served by the server that this request asked as `host`.

    A page over https is the server's own also where it hears http: then something in front of it speaks TLS.
    """
    try:
        parts, asked = urlsplit(origin), urlsplit(f"//{host}")
        port = parts.port or USUAL_PORTS.get(parts.scheme)
        asked_port = asked.port or USUAL_PORTS.get(parts.scheme)
    except ValueError:
        return False
    is_scheme = parts.scheme in {scheme, "https"}
    return is_scheme and parts.hostname is not None and (parts.hostname, port) == (asked.hostname, asked_port)


def is_name_of_this_machine(host: str) -> bool:
    """Whether a Host header names the machine itself, whatever a name server says."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name)

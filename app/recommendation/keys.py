"""Makes keys and sessions and tells whose they are. Only their SHA-256 is stored. Knows no HTTP; blocking."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from ulid import ULID

from app.access import Caller, Key, Scope
from app.catalogue.keys import KeyStore
from app.catalogue.sessions import SessionStore
from app.errors import InvalidParameter
from app.request_errors import KeyUnknown

PREFIX = "bgm_"
SECRET_BYTES = 32
MOST_NAME = 100
SESSION_LASTS = timedelta(hours=12)


def create_key(name: str, scope: Scope, *, keys: KeyStore) -> str:
    """The key's text, which nobody can ask for again. Raises InvalidParameter for the name."""
    text = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    store_key(text, name, scope, keys=keys)
    return text


def store_key(text: str, name: str, scope: Scope, *, keys: KeyStore) -> None:
    """Keep a key whose text somebody has chosen. Raises InvalidParameter for the name."""
    wanted = name.strip()
    if not wanted or len(wanted) > MOST_NAME or not wanted.isprintable():
        raise InvalidParameter(parameter="name", reason=f"1 to {MOST_NAME} printable characters are needed")
    key = Key(id=str(ULID()), name=wanted, scope=scope, created_at=datetime.now(UTC), revoked_at=None)
    keys.create(key, sha256=digest_of_secret(text))


def caller_of_key(text: str, *, keys: KeyStore) -> Caller:
    """Raises KeyUnknown, also for a key that was revoked."""
    return _caller(keys.by_sha256(digest_of_secret(text)), text)


def open_session(caller: Caller, *, sessions: SessionStore) -> str:
    """What the page's cookie is to hold, for a caller who has a key."""
    assert caller.key_id is not None
    token, now = secrets.token_urlsafe(SECRET_BYTES), datetime.now(UTC)
    sessions.create(digest_of_secret(token), key_id=caller.key_id, at=now, expires_at=now + SESSION_LASTS)
    return token


def caller_of_session(token: str, *, sessions: SessionStore) -> Caller:
    """Raises KeyUnknown, also where the session has expired or its key was revoked."""
    return _caller(sessions.key(digest_of_secret(token), at=datetime.now(UTC)), token)


def digest_of_secret(text: str) -> str:
    """What is stored in the place of a key or a cookie. They are random and long: no slow hash is needed."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _caller(found: tuple[Key, str] | None, secret: str) -> Caller:
    if found is None:
        raise KeyUnknown
    key, stored = found
    # The query compared digests already, in whatever time; this comparison tells nothing by its own.
    if not hmac.compare_digest(stored, digest_of_secret(secret)) or key.revoked_at is not None:
        raise KeyUnknown
    return Caller(key_id=key.id, name=key.name, scope=key.scope)

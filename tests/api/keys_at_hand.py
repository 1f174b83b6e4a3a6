"""Keys of a library, and what a request sends to use one."""

from app.access import Scope
from app.catalogue.keys import KeyStore
from app.recommendation.keys import create_key
from app.recommendation.library import Library


def key_store(library: Library) -> KeyStore:
    return KeyStore(library.catalogue.transactions)


def new_key(library: Library, name: str = "phone", *, scope: Scope = "manage") -> str:
    return create_key(name, scope, keys=key_store(library))


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}

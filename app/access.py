"""Who may do what, and from where: keys, their scopes and addresses as values. Knows no HTTP and no database."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Scope = Literal["recommend", "manage", "admin"]
# Each includes those before it.
SCOPES: tuple[Scope, ...] = ("recommend", "manage", "admin")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is stored, which is without its secret. `id`: a ULID."""

    id: str
    name: str
    scope: Scope
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sends a request. `key_id` and `name` are None where the server asks for no key: then all is allowed."""

    key_id: str | None
    name: str | None
    scope: Scope

    def may(self, wanted: Scope) -> bool:
        return SCOPES.index(self.scope) >= SCOPES.index(wanted)

    def may_see(self, owner: str | None) -> bool:
        """Whether a thing of this owner is the caller's to look at and change."""
        return self.scope == "admin" or self.key_id == owner


ANYBODY = Caller(key_id=None, name=None, scope="admin")


def is_loopback(host: str) -> bool:
    """Whether a name or an address, without brackets, always means the machine that asks."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""Takes in the first key of a server from a file, as container engines hand secrets over. Blocking."""

import hmac
import logging
from pathlib import Path

from app.catalogue.keys import KeyStore
from app.errors import InitialKeyUnusable, InvalidParameter
from app.recommendation.keys import digest_of_secret, store_key

LOG = logging.getLogger(__name__)

NAME = "initial"
LEAST_LENGTH = 24


def take_in_initial_key(path: Path, *, keys: KeyStore) -> None:
    """The file's key, of scope admin, where the server never had one. Raises InitialKeyUnusable."""
    text = _read(path)
    if not keys.has_any():
        _store(text, keys)
    if not _is_in_use(text, keys):
        LOG.warning(
            "the key in BGM_INITIAL_KEY_FILE is not used: it was revoked, or the server had another one before; "
            "`bgm keys list` shows which keys there are, `bgm keys create` makes one"
        )


def _store(text: str, keys: KeyStore) -> None:
    try:
        store_key(text, NAME, "admin", keys=keys)
    except InvalidParameter:
        # Another server on the same database was a moment quicker.
        return
    LOG.info("the first key was taken in from BGM_INITIAL_KEY_FILE, as '%s'", NAME)


def _is_in_use(text: str, keys: KeyStore) -> bool:
    found = keys.by_name(NAME)
    return found is not None and found[0].revoked_at is None and hmac.compare_digest(found[1], digest_of_secret(text))


def _read(path: Path) -> str:
    try:
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InitialKeyUnusable(reason=f"'{path}' cannot be read") from error
    if len(text) < LEAST_LENGTH:
        raise InitialKeyUnusable(reason=f"'{path}' holds {len(text)} characters; at least {LEAST_LENGTH} are needed")
    # Other characters do not come through a header unchanged.
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise InitialKeyUnusable(reason=f"'{path}' must hold one line of printable ASCII characters without blanks")
    return text

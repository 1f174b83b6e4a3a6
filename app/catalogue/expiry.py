"""What becomes of recommendations whose time is over. Knows no transaction: whoever made the connection owns it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, or_, select, update

from app.catalogue.request_tables import rankings, recommendations

# How long after its end a recommendation is still known to have been one.
REMEMBERED = timedelta(days=7)

# Of what has expired only the id stays, so that whoever asks can be told. No checkpoint has an empty digest.
EMPTIED: dict[str, Any] = {
    "digest": "",
    "vector": b"",
    "video": {},
    "title": None,
    "keywords": [],
    "video_sha256": None,
    "features": None,
    "features_space": None,
}

_IS_OVER = recommendations.c.expires_at <= bindparam("now")
_LAST_DIGEST = select(recommendations.c.digest).where(_IS_OVER).order_by(recommendations.c.expires_at.desc()).limit(1)
_IS_LONG_OVER = recommendations.c.expires_at <= bindparam("long_ago")
# Asked every minute, so it looks at two places of an index only: all that have expired are emptied together, and the
# last of them tells of all.
HAS_EXPIRED = select(or_(_LAST_DIGEST.scalar_subquery() != "", exists().where(_IS_LONG_OVER)))


def has_expired(connection: Connection, *, now: datetime) -> bool:
    """Whether there is anything to empty or to remove."""
    return bool(connection.scalar(HAS_EXPIRED, {"now": now, "long_ago": now - REMEMBERED}))


def empty_expired(connection: Connection, *, now: datetime) -> dict[str, str | None]:
    """Empties those that have expired and removes those that did so long ago; the ids of the emptied ones, each with
    the hash of its video where that was kept."""
    is_full = (recommendations.c.expires_at <= now) & (recommendations.c.digest != "")
    full = connection.execute(select(recommendations.c.id, recommendations.c.video_sha256).where(is_full))
    emptied = {row.id: row.video_sha256 for row in full}
    ids = select(recommendations.c.id).where(is_full)
    connection.execute(delete(rankings).where(rankings.c.recommendation_id.in_(ids)))
    connection.execute(update(recommendations).where(is_full).values(EMPTIED))
    connection.execute(delete(recommendations).where(recommendations.c.expires_at <= now - REMEMBERED))
    return emptied

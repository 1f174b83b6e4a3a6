"""What `bgm recommend --server` does in place of opening a library: it sends the videos to a server."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from pydantic_core import to_jsonable_python

from app.asking.errors import ApiError, ServerUnreachable
from app.client import Client
from app.domain import Brief
from app.errors import BgmError, InvalidParameter, UnreadableMedia
from app.recommendation.side_by_side import side_by_side
from app.terminal.answers import VideoOutcome

KEY_VARIABLE = "BGM_KEY"
# Gives what comes out for the videos, in no order, until all is done or the event is set.
Ask = Callable[[Event], Iterator[VideoOutcome]]
# Enough that the server decodes one while others are on their way; a larger crowd would be turned away.
VIDEOS_IN_HAND = 4
# After one of these every other video would be refused just so.
ENDING_CODES = {"key_required", "key_unknown", "key_lacks_scope", "rate_limited", "not_ready", "disk_full"}


@dataclass(frozen=True, slots=True)
class Server:
    address: str
    key: str | None


def server_at(address: str, *, key_file: Path | None) -> Server:
    """The server with the key of the file, or of the environment where there is none. Raises InvalidParameter."""
    if key_file is None:
        return Server(address, os.environ.get(KEY_VARIABLE) or None)
    try:
        return Server(address, key_file.read_text(encoding="ascii").strip())
    except UnicodeDecodeError as error:
        raise InvalidParameter(parameter="--key-file", reason="does not hold a key") from error


@contextmanager
def server_asked(videos: Sequence[Path], brief: Brief, server: Server, *, limit: int) -> Iterator[Ask]:
    """Yields what sends the videos. Raises ServerUnreachable, and ApiError where it would be every video's."""
    with Client(server.address, key=server.key) as client:

        def answer(path: Path) -> VideoOutcome:
            try:
                found = client.recommend(path, title=brief.title, keywords=brief.keywords, limit=limit)
                return VideoOutcome(path, to_jsonable_python(found))
            except OSError as error:
                return VideoOutcome(path, UnreadableMedia(reason=error.strerror or str(error)))
            except BgmError as error:
                if _is_the_same_for_all(error):
                    raise
                return VideoOutcome(path, error)

        yield lambda stop: side_by_side(answer, videos, at_once=VIDEOS_IN_HAND, stop=stop)


def _is_the_same_for_all(error: BgmError) -> bool:
    return isinstance(error, ServerUnreachable) or (isinstance(error, ApiError) and error.code in ENDING_CODES)

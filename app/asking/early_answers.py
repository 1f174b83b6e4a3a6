"""Notices an answer that comes while a body is still being sent, so that a refused video is not sent to its last byte.

A server that refuses early stops reading after a while and closes; who only looks then may find the answer lost with
the connection. Over TLS nobody can tell an answer from the protocol's own messages: there the whole body is sent.
"""

from collections.abc import Mapping
from typing import Any

import httpcore
import httpx

# A connection of its own for each upload: only of one that is made before our eyes do we know the stream.
FRESH_CONNECTIONS = httpx.Limits(max_keepalive_connections=0)


class Line:
    """The connection that one request goes over."""

    def __init__(self) -> None:
        self._stream: Any = None

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """For httpx's `trace` extension."""
        if event.endswith(".connect_tcp.complete"):
            self._stream = info["return_value"]
        if event.endswith(".start_tls.started"):
            self._stream = None

    async def watch_in_loop(self, event: str, info: Mapping[str, Any]) -> None:
        self.watch(event, info)

    def check(self) -> None:
        """Raises what makes httpx leave the body alone and read the answer, where there is something to read."""
        if self._stream is not None and self._stream.get_extra_info("is_readable"):
            raise httpcore.WriteError("something came before the body was sent")

"""What this server did and how it stands, as Prometheus reads it. Nothing is shared with another server."""

import asyncio
import time
from collections.abc import Sequence

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.dependencies import ServedDep
from app.api.documentation import of_any_path, problems
from app.api.small_bodies import is_upload
from app.recommendation.standing import Standing, standing

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# What a path is called that the application has not; clients can make up as many as they like.
UNMATCHED = "unmatched"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The measurements of one server, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter("bgm_requests_total", "Answers given.", ["method", "path", "status"], registry=registry)
        self.seconds = Histogram(
            "bgm_request_seconds",
            "From a request's head to the head of its answer.",
            ["path"],
            buckets=SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge("bgm_in_flight", "Requests being worked on, this one included.", registry=registry)
        self.upload_bytes = Counter("bgm_uploads_bytes_total", "Bytes of uploads received.", registry=registry)
        self._tracks = Gauge("bgm_library_tracks", "Tracks that can be found.", registry=registry)
        self._change = Gauge("bgm_index_last_change", "The last change that the index has seen.", registry=registry)
        self._ready = Gauge("bgm_workers_ready", "1 where a worker of this kind can work.", ["kind"], registry=registry)
        self._jobs = Gauge("bgm_jobs", "Jobs by their state.", ["state"], registry=registry)

    def take(self, now: Standing) -> None:
        self._tracks.set(now.tracks)
        self._change.set(now.last_change)
        for kind, is_ready in now.ready.items():
            self._ready.labels(kind).set(is_ready)
        for state, count in now.jobs.items():
            self._jobs.labels(state).set(count)


class Measured:
    """Wraps an application: counts and times its answers by the path as it is documented, never as it was asked."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, routes: Sequence[BaseRoute]) -> None:
        """`routes`: all of the application's own."""
        self._app, self._metrics, self._routes = app, metrics, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], time.perf_counter() - started)
            await send(message)

        with self._metrics.in_flight.track_inprogress():
            await self._app(scope, self._weighed(receive) if is_upload(scope) else receive, counted)

    def _weighed(self, receive: Receive) -> Receive:
        async def weighed() -> Message:
            message = await receive()
            self._metrics.upload_bytes.inc(len(message.get("body", b"")))
            return message

        return weighed

    def _count(self, scope: Scope, status: int, spent_s: float) -> None:
        path = path_template(scope, self._routes)
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._metrics.requests.labels(method, path, str(status)).inc()
        self._metrics.seconds.labels(path).observe(spent_s)


def path_template(scope: Scope, routes: Sequence[BaseRoute]) -> str:
    """The path of the route that a request came to, or would have come to, had it not been refused before."""
    came_to = scope.get("route")
    if isinstance(came_to, Route):
        return came_to.path
    found = [(route.matches(scope)[0], route.path) for route in routes if isinstance(route, Route)]
    # A route that does not take the method is the second choice, as it is for the router.
    return next((path for wanted in (Match.FULL, Match.PARTIAL) for match, path in found if match is wanted), UNMATCHED)


def metrics_router(metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get(
        "/metrics",
        summary="Measurements for Prometheus",
        response_class=Response,
        responses={
            200: {"description": "The text format", "content": {"text/plain": {"schema": {"type": "string"}}}},
            **problems(of_any_path()),
        },
    )
    async def read_metrics(served: ServedDep) -> Response:
        metrics.take(await asyncio.to_thread(standing, served))
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router

"""What the library's tests share: a server that may be changed, tracks for it, and what the page lists."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect

from tests.media_files import tone, write_sound
from tests.serving.server_process import ServerProcess
from tests.web.browsing import open_page

SOME = {"title": "Blue Hour", "artist": "Nine Lamps", "moods": "calm, nostalgic", "license": "CC0-1.0"}


@contextmanager
def emptied_after(server: ServerProcess) -> Iterator[ServerProcess]:
    """No two tests add the same file to a server: that would restore it."""
    yield server
    for track in server.client.get("/music", params={"limit": 100}).json()["items"]:
        server.client.delete(f"/music/{track['id']}")


@contextmanager
def open_library(browser: Browser, server: ServerProcess) -> Iterator[Page]:
    """The library of this server, as soon as it hears what is done to it."""
    with open_page(browser, f"{server.client.base_url}#library") as (page, _):
        expect(page.locator("#library")).to_be_visible()
        yield page


def song(folder: Path, name: str, *, frequency_hz: float) -> Path:
    return write_sound(folder / name, samples=tone(3, frequency_hz=frequency_hz, rate_hz=22_050), rate_hz=22_050)


def added(server: ServerProcess, file: Path, **said: str) -> str:
    """Uploads it; its id. What is not `said` is SOME's."""
    answer = server.client.post("/music", data=SOME | said, files={"file": (file.name, file.read_bytes())})
    return str(answer.json()["id"])


def listed(page: Page) -> list[str]:
    """The titles in their order."""
    return [field.input_value() for field in page.locator(".track input.title").all()]


def focused(page: Page) -> str | None:
    """The name of what has the focus."""
    name: str | None = page.evaluate("document.activeElement.getAttribute('aria-label')")
    return name


class HeldEdits:
    """Keeps the page's PATCH requests back until they are let go."""

    def __init__(self, page: Page) -> None:
        self._routes: list[Route] = []
        page.route("**/music/*", self._hold)

    def __len__(self) -> int:
        return len(self._routes)

    def release(self) -> None:
        """The oldest."""
        self._routes.pop(0).continue_()

    def fail(self) -> None:
        """The oldest, as if the server were away."""
        self._routes.pop(0).abort()

    def _hold(self, route: Route) -> None:
        if route.request.method == "PATCH":
            self._routes.append(route)
        else:
            route.continue_()

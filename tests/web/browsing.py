"""A browser for the page's tests: Chromium, watched for errors in its console and for requests to other hosts."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect, sync_playwright

SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
WIDE, NARROW = (1440, 900), (390, 844)
PATIENCE_MS = 20_000
# Media elements that were not put into the document are found here.
REMEMBER_PLAYERS = """
const play = HTMLMediaElement.prototype.play;
window.players = new Set();
HTMLMediaElement.prototype.play = function () { window.players.add(this); return play.call(this); };
"""


@dataclass(slots=True)
class Watched:
    """What a page did that its user does not see."""

    host: str
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        # The browser itself notes refused requests there; those are the server's answers, which tests look at.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.errors.append(message.text)

    def see(self, request: Request) -> None:
        address = urlsplit(request.url)
        self.requests.append(f"{request.method} {address.path}")
        if address.scheme not in {"blob", "data"} and address.netloc != self.host:
            self.strangers.append(request.url)

    def count(self, request: str) -> int:
        """How often `METHOD /path` was sent."""
        return self.requests.count(request)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """The system's Chromium where there is one, else Playwright's own."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"), args=list(SWITCHES)
        )
        yield browser
        browser.close()


@contextmanager
def open_page(
    browser: Browser, address: str, *, size: tuple[int, int] = WIDE, scheme: str = "light"
) -> Iterator[tuple[Page, Watched]]:
    """The page at `address`; fails at the end where it complained, or asked anybody else for anything."""
    watched = Watched(urlsplit(address).netloc)
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        accept_downloads=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(REMEMBER_PLAYERS)
    page = context.new_page()
    page.on("console", lambda message: watched.hear(message))
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("request", lambda request: watched.see(request))
    page.goto(address)
    yield page, watched
    context.close()
    assert watched.errors == []
    assert watched.strangers == []


def drop(page: Page, *files: Path, media_type: str) -> None:
    """Lets the files fall onto the page, as from the desktop."""
    page.evaluate("() => { window.dropped = new DataTransfer(); }")
    for file in files:
        page.evaluate(
            """([name, type, bytes]) => {
              const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
              window.dropped.items.add(new File([content], name, { type }));
            }""",
            [file.name, media_type, base64.b64encode(file.read_bytes()).decode()],
        )
    page.evaluate(
        """() => {
          const how = { dataTransfer: window.dropped, bubbles: true, cancelable: true };
          for (const name of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(name, how));
        }"""
    )


def held(page: Page, pattern: str, *, times: int | None = None) -> list[Route]:
    """The page's next requests of this kind, all or so many; each waits until it is let go."""
    routes: list[Route] = []
    page.route(pattern, lambda route: routes.append(route), times=times)
    return routes


def asked_first(page: Page, routes: list[Route]) -> Route:
    """The first of them, once it is there."""
    for _ in range(PATIENCE_MS // 50):
        if routes:
            return routes[0]
        page.wait_for_timeout(50)
    raise AssertionError("nothing was asked")

"""Takes the three pictures of the README, so that they show the page as it is."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browsing import NARROW, WIDE, open_page
from tests.web.studio_steps import find_music, wait_until

DOCS = Path(__file__).parents[2] / "docs"
TITLE, WORDS = "A calm evening by the lake", "calm, tender"
SIGNATURE = b"\x89PNG"


@pytest.fixture(scope="module", autouse=True)
def docs() -> None:
    DOCS.mkdir(exist_ok=True)


def test_the_studio_while_a_track_plays(browser: Browser, address: str, evening: Path) -> None:
    with open_page(browser, address, size=WIDE) as (page, _):
        play_the_best(page, evening)
        take(page, "studio.png")


def test_the_library(browser: Browser, address: str) -> None:
    with open_page(browser, f"{address}#library", size=WIDE) as (page, _):
        expect(page.locator(".track")).to_have_count(14)
        page.get_by_role("button", name="Play First Light").click()
        expect(page.locator("#listen .wave.drawn")).to_be_visible()
        page.locator("#listen .seek").click()
        wait_until(page, "[...players].some((player) => player.currentTime > 20 && !player.paused)")
        take(page, "library.png")


def test_a_phone_in_the_dark(browser: Browser, address: str, evening: Path) -> None:
    with open_page(browser, address, size=NARROW, scheme="dark") as (page, _):
        play_the_best(page, evening)
        take(page, "narrow.png")


def play_the_best(page: Page, video: Path) -> None:
    """Until the sun is low."""
    find_music(page, video, title=TITLE, keywords=WORDS)
    # Those that can be seen are drawn, and no others.
    page.locator(".result").nth(5).scroll_into_view_if_needed()
    expect(page.locator(".result").nth(5).locator(".wave.drawn")).to_be_attached()
    page.evaluate("scrollTo(0, 0)")
    page.locator("#position").fill("2.5")
    page.locator("#play").click()
    wait_until(page, "document.querySelector('#video').currentTime > 3.2")


def take(page: Page, name: str) -> None:
    picture = page.screenshot(path=DOCS / name)
    assert picture.startswith(SIGNATURE)

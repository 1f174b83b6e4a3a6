"""Long words and titles: nothing grows over its place."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.web.browsing import WIDE, open_page
from tests.web.studio_steps import find_music

SENTENCE = "An ordinary title of a piece that takes its time, in three movements for strings and a quiet piano"
WORD = "m" * 500


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("title", ["evening", SENTENCE, WORD])
def test_nothing_is_wider_than_a_phone(browser: Browser, address: str, evening: Path, width: int, title: str) -> None:
    with open_page(browser, address, size=(width, 720)) as (page, _):
        find_music(page, evening, title=title)
        assert width_of(page) == width
        open_renamed(page, title)
        assert width_of(page) == width
        page.get_by_role("button", name=f"More like {title}").click()
        expect(page.locator("#found-title")).to_contain_text(title)
        assert width_of(page) == width
        page.locator("nav a", has_text="Library").click()
        expect(page.locator(".track").first).to_be_visible()
        assert width_of(page) == width


@pytest.mark.parametrize("title", [SENTENCE, WORD])
def test_the_video_does_not_grow_over_the_results(browser: Browser, address: str, evening: Path, title: str) -> None:
    with open_page(browser, address, size=WIDE) as (page, _):
        find_music(page, evening)
        before = page.locator("#screen").bounding_box()
        open_renamed(page, title)
        assert page.locator("#screen").bounding_box() == before
        assert width_of(page) == WIDE[0]


def test_a_note_in_passing_is_no_wider_than_a_phone(browser: Browser, address: str) -> None:
    with open_page(browser, address, size=(320, 720)) as (page, _):
        page.evaluate("async (text) => (await import('/web/js/notices.js')).toast(text)", WORD)
        box = page.locator(".toast p").bounding_box()
        assert box
        assert box["width"] < 320


def test_a_tracks_details_are_no_wider_than_a_phone(browser: Browser, address: str) -> None:
    with open_page(browser, "about:blank", size=(320, 720)) as (page, watched):
        watched.host = address.removeprefix("http://")
        page.route("**/music?*", renamed(WORD, "items"))
        page.goto(f"{address}/#library")
        page.get_by_role("button", name=f"Details of {WORD}").first.click()
        dialog = page.locator("#details-dialog")
        expect(dialog).to_contain_text(WORD)
        assert dialog.evaluate("(dialog) => dialog.scrollWidth - dialog.clientWidth") == 0


def open_renamed(page: Page, title: str) -> None:
    """Opens the stored ranking once more, its best track under another title."""
    page.route("**/recommend/*?*", renamed(title, "results"))
    page.reload()
    expect(page.locator("#deck-title")).to_have_text(title)
    expect(page.locator("#time")).not_to_have_text("0:00 / 0:00")


def renamed(title: str, members: str) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        response = route.fetch()
        page = response.json()
        first = page[members][0]
        first.get("track", first)["title"] = title
        route.fulfill(response=response, json=page)

    return answer


def width_of(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))

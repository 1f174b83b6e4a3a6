"""The library as a list: in order, narrowed, page by page, heard."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.serving.server_process import running_server
from tests.web.browsing import open_page
from tests.web.library_steps import focused, listed
from tests.web.studio_steps import wait_until


@pytest.fixture
def library(page: Page) -> Page:
    """The shared library; tests leave it as they found it."""
    page.locator("nav a", has_text="Library").click()
    expect(page.locator(".track")).to_have_count(14)
    return page


def test_the_newest_track_comes_first_and_the_loaded_ones_are_ordered_by_choice(library: Page) -> None:
    assert listed(library)[0] == "Harbour Lights"
    library.get_by_label("Order").select_option(label="Title")
    assert listed(library) == sorted(listed(library), key=str.lower)
    library.get_by_label("Order").select_option(label="Tempo")
    assert listed(library)[0] == "A Room With No Clock"


def test_a_search_and_a_filter_narrow_the_rows(library: Page) -> None:
    library.get_by_label("Search the library").fill("lindqvist")
    expect(library.locator(".track")).to_have_count(2)
    library.locator("#library-facets .chip", has_text="hopeful").first.click()
    expect(library.locator(".track")).to_have_count(1)
    assert listed(library) == ["First Light"]
    library.get_by_label("Search the library").fill("no such thing")
    expect(library.locator("#rows-end")).to_contain_text("No track matches")
    library.get_by_role("button", name="Clear search and filters").click()
    expect(library.locator(".track")).to_have_count(14)


def test_a_track_is_heard_and_paused(library: Page) -> None:
    library.get_by_role("button", name="Play Paper Boats").click()
    expect(library.locator("#listen")).to_contain_text("Paper Boats")
    wait_until(library, "[...players].some((player) => player.currentTime > 0.3)")
    library.get_by_role("button", name="Pause Paper Boats").click()
    assert library.evaluate("[...players].every((player) => player.paused)")


def test_the_next_page_of_rows_leaves_the_focus_where_it_is(page: Page, address: str) -> None:
    tracks = PagedTracks(page.request.get(f"{address}/music?limit=1").json()["items"][0])
    page.route("**/music?*", tracks.answer)
    page.locator("nav a", has_text="Library").click()
    expect(page.locator(".track")).to_have_count(50)
    page.get_by_label("Artist of Number 44", exact=True).focus()
    expect(page.locator(".track")).to_have_count(60)
    assert focused(page) == "Artist of Number 44"
    assert listed(page) == [f"Number {number}" for number in range(60)]


def test_a_key_is_not_said_to_forbid_anything_before_it_is_known(page: Page, address: str) -> None:
    held: list[Route] = []
    page.route("**/session", lambda route: held.append(route))
    page.goto("about:blank")
    page.goto(f"{address}#library")
    expect(page.locator(".track")).to_have_count(14)
    expect(page.locator("#read-only")).to_be_hidden()
    held[0].fulfill(json={"name": "phone", "scope": "recommend", "key_required": True})
    expect(page.locator("#read-only")).to_be_visible()
    expect(page.locator("#add-music")).to_be_hidden()


def test_an_empty_library_says_in_both_views_what_to_do_next(browser: Browser, tmp_path: Path) -> None:
    with running_server(tmp_path / "empty") as server, open_page(browser, str(server.client.base_url)) as (page, _):
        expect(page.locator("#library-hint")).to_contain_text("Your library is empty")
        page.locator("#library-hint a").click()
        expect(page.locator("#rows-end")).to_contain_text("Drop files or whole folders")


class PagedTracks:
    """Sixty made-up tracks, as the server would list them."""

    def __init__(self, example: dict[str, object]) -> None:
        self._all = [example | {"id": f"track-{number}", "title": f"Number {number}"} for number in range(60)]

    def answer(self, route: Route) -> None:
        is_first = "cursor=" not in route.request.url
        items, cursor = (self._all[:50], "50") if is_first else (self._all[50:], None)
        route.fulfill(json={"items": items, "next_cursor": cursor})

"""Who can use the page: axe-core in both views and both schemes, and what the page weighs."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect

from tests.media_files import write_text
from tests.web.browsing import NARROW, WIDE, open_page
from tests.web.studio_steps import find_music

HEAVIEST_BYTES = 150_000
GRAVE = {"serious", "critical"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_axe_finds_nothing_grave_in_the_studio(
    browser: Browser, address: str, evening: Path, scheme: str, size: tuple[int, int]
) -> None:
    with open_page(browser, address, size=size, scheme=scheme) as (page, _):
        assert grave(page) == []
        find_music(page, evening, title="a calm evening")
        page.locator("#why summary").click()
        assert grave(page) == []
        page.locator("#facets summary").first.click()
        assert grave(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Make the video").click()
        expect(page.locator(".finished a")).to_be_visible()
        assert grave(page) == []
        page.get_by_role("button", name="More like").first.click()
        expect(page.get_by_role("button", name="Back to the ranking")).to_be_visible()
        assert grave(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave_where_something_is_refused(
    browser: Browser, address: str, tmp_path: Path, scheme: str
) -> None:
    with open_page(browser, address, scheme=scheme) as (page, _):
        page.set_input_files("#video-file", write_text(tmp_path / "holiday.mp4"))
        page.get_by_role("button", name="Find music").click()
        expect(page.locator("#brief-problem .problem")).to_be_visible()
        assert grave(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave_in_the_dialog_that_asks_for_a_key(browser: Browser, address: str, scheme: str) -> None:
    with open_page(browser, "about:blank", scheme=scheme) as (page, watched):
        watched.host = address.removeprefix("http://")
        page.route("**/session", lambda route: route.fulfill(status=401, json={"code": "key_required", "status": 401}))
        page.goto(address)
        expect(page.locator("#key-dialog")).to_be_visible()
        assert grave(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_axe_finds_nothing_grave_in_the_library(
    browser: Browser, address: str, scheme: str, size: tuple[int, int]
) -> None:
    with open_page(browser, f"{address}#library", size=size, scheme=scheme) as (page, _):
        expect(page.locator(".track")).to_have_count(14)
        page.locator(".track .round").first.click()
        assert grave(page) == []
        page.get_by_role("button", name="Details of Paper Boats").click()
        assert grave(page) == []


def test_the_page_weighs_little_as_it_is_and_on_the_wire(browser: Browser, address: str) -> None:
    """As files what the studio needs; as the server sends them both views together."""
    files: dict[str, int] = {}
    sent: list[int] = []

    def weigh(response: Response) -> None:
        if "/web/" in response.url or response.url == f"{address}/":
            files[response.url] = len(response.body())
            sent.append(response.request.sizes()["responseBodySize"])

    with open_page(browser, "about:blank") as (page, watched):
        watched.host = address.removeprefix("http://")
        page.on("response", weigh)
        page.goto(address)
        expect(page.locator("#library-size")).to_have_text("14")
        assert 50_000 < sum(files.values()) <= HEAVIEST_BYTES, files
        page.locator("nav a", has_text="Library").click()
        expect(page.locator(".track")).to_have_count(14)
        assert sum(sent) <= HEAVIEST_BYTES


def grave(page: Page) -> list[str]:
    """What axe-core finds to be serious or critical, with the elements it means."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {[node['target'] for node in violation['nodes']]}"
        for violation in violations
        if violation["impact"] in GRAVE
    ]

"""Finished videos: each under the video that it was made of, also after a reload and while another one is open."""

import json
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.browsing import Watched, asked_first, held
from tests.web.painted_film import write_evening
from tests.web.studio_steps import find_music

MAKE = "Make the video"


@pytest.fixture
def another(tmp_path: Path) -> Path:
    return write_evening(tmp_path / "another.mp4", seconds=3)


def test_a_finished_video_is_made_downloaded_and_has_picture_and_music(
    page: Page, evening: Path, tmp_path: Path
) -> None:
    find_music(page, evening)
    page.get_by_role("button", name=MAKE).click()
    link = page.locator(".finished a")
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    file = tmp_path / "finished.mp4"
    download.value.save_as(file)
    with av.open(file) as container:
        assert len(container.streams.video) == len(container.streams.audio) == 1
        assert container.duration is not None
        assert abs(container.duration / av.time_base - 6.0) < 0.2
    expect(page.locator(".credits")).to_contain_text("CC")


def test_whoever_asks_for_it_by_key_keeps_the_focus_and_asks_once(page: Page, watched: Watched, evening: Path) -> None:
    find_music(page, evening)
    make = page.get_by_role("button", name=MAKE)
    make.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".finished a")).to_be_visible()
    expect(make).to_be_focused()
    assert sum(request.endswith("/render") for request in watched.requests) == 1


def test_one_that_is_being_made_is_followed_after_a_reload(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.get_by_role("button", name=MAKE).click()
    expect(page.locator(".finished a")).to_have_count(1)
    page.route("**/jobs?*", listed_as({"state": "running", "result": None, "finished_at": None}))
    events = held(page, "**/jobs/*/events")
    page.reload()
    stream = asked_first(page, events)
    expect(page.locator(".underway")).to_be_visible()
    expect(page.get_by_role("button", name=MAKE)).to_have_attribute("aria-disabled", "true")
    stream.continue_()
    expect(page.locator(".finished a")).to_have_count(1)
    expect(page.locator(".underway")).to_have_count(0)
    expect(page.get_by_role("button", name=MAKE)).to_have_attribute("aria-disabled", "false")


def test_one_that_failed_is_told_of_after_a_reload(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.get_by_role("button", name=MAKE).click()
    expect(page.locator(".finished a")).to_have_count(1)
    errors = [{"item": "", "code": "disk_full", "detail": "the disk is full"}]
    page.route("**/jobs?*", listed_as({"state": "failed", "result": None, "errors": errors}))
    page.reload()
    expect(page.locator(".finished li")).to_contain_text("disk is full")


def test_one_video_is_not_offered_under_another_which_can_be_made_meanwhile(
    page: Page, evening: Path, another: Path
) -> None:
    find_music(page, evening)
    events = held(page, "**/jobs/*/events", times=1)
    make = page.get_by_role("button", name=MAKE)
    make.click()
    expect(page.locator(".underway")).to_be_visible()
    first = asked_first(page, events)
    find_music(page, another)
    expect(page.locator(".underway")).to_have_count(0)
    first.continue_()
    page.wait_for_timeout(1500)
    expect(page.locator(".finished li")).to_have_count(0)
    make.click()
    expect(page.locator(".finished li")).to_have_count(1)


def listed_as(change: dict[str, object]) -> Callable[[Route], None]:
    """The server's list of tasks, all changed so."""

    def answer(route: Route) -> None:
        response = route.fetch()
        items = [{**job, **change} for job in response.json()["items"]]
        route.fulfill(response=response, body=json.dumps({"items": items}))

    return answer

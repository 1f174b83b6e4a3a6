"""Going elsewhere while the server is still at work: what was left does not come back by itself."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import Watched, asked_first, held
from tests.web.painted_film import write_evening
from tests.web.studio_steps import find_music, titles

# Longer than a search waits for the stream of its stages.
OPENING_MS = 2000
EXPIRED = json.dumps({"code": "recommendation_expired", "detail": "it has expired", "status": 410})


@pytest.fixture
def another(tmp_path: Path) -> Path:
    return write_evening(tmp_path / "another.mp4", seconds=3)


def begin(page: Page, video: Path) -> None:
    page.set_input_files("#video-file", video)
    page.get_by_role("button", name="Find music").click()
    expect(page.locator("#working")).to_be_visible()


def test_a_search_that_was_stopped_before_it_was_sent_is_not_sent(page: Page, watched: Watched, evening: Path) -> None:
    held(page, "**/stages/*")
    begin(page, evening)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#brief")).to_be_visible()
    expect(page.locator("#find")).to_be_focused()
    page.wait_for_timeout(OPENING_MS)
    assert watched.count("POST /recommend") == 0
    expect(page.locator("#brief")).to_be_visible()


def test_a_search_that_was_stopped_while_the_server_worked_does_not_come_back(page: Page, evening: Path) -> None:
    sent = held(page, "**/recommend")
    begin(page, evening)
    first = asked_first(page, sent)
    page.get_by_role("button", name="Stop").click()
    first.continue_()
    page.wait_for_timeout(OPENING_MS)
    expect(page.locator("#found")).to_be_hidden()
    expect(page.locator("#brief")).to_be_visible()


def test_a_search_that_another_video_replaced_does_not_take_over(
    page: Page, watched: Watched, evening: Path, another: Path
) -> None:
    held(page, "**/stages/*")
    begin(page, evening)
    page.set_input_files("#video-file", another)
    page.wait_for_timeout(OPENING_MS)
    expect(page.locator("#chosen")).to_contain_text("another.mp4")
    expect(page.locator("#found")).to_be_hidden()
    assert watched.count("POST /recommend") == 0


def test_a_stored_ranking_that_comes_late_does_not_replace_a_video_chosen_meanwhile(
    page: Page, evening: Path, another: Path
) -> None:
    find_music(page, evening)
    asked = held(page, "**/recommend/*?*")
    page.reload()
    expect(page.locator("#working-title")).to_have_text("Opening your ranking")
    first = asked_first(page, asked)
    page.set_input_files("#video-file", another)
    first.continue_()
    page.wait_for_timeout(500)
    expect(page.locator("#chosen")).to_contain_text("another.mp4")
    expect(page.locator("#found")).to_be_hidden()


def test_a_filters_answer_that_comes_late_does_not_take_away_a_video_chosen_meanwhile(
    page: Page, evening: Path, another: Path
) -> None:
    find_music(page, evening)
    asked = held(page, "**/recommend/*?*")
    page.locator("#facets .strip .chip", has_text="calm").click()
    first = asked_first(page, asked)
    page.set_input_files("#video-file", another)
    first.fulfill(status=410, content_type="application/problem+json", body=EXPIRED)
    page.wait_for_timeout(500)
    expect(page.locator("#chosen")).to_contain_text("another.mp4")
    expect(page.locator("#brief-problem")).to_be_empty()
    find_music(page, another)
    expect(page.locator("#found.busy")).to_have_count(0)


def test_a_search_that_ends_while_the_library_is_looked_at_says_so_and_waits(page: Page, evening: Path) -> None:
    sent = held(page, "**/recommend")
    begin(page, evening)
    first = asked_first(page, sent)
    page.locator("nav a", has_text="Library").click()
    expect(page.locator(".track").first).to_be_visible()
    first.continue_()
    expect(page.locator(".toast")).to_contain_text("is found")
    expect(page.locator("#library")).to_be_visible()
    assert "#library" in page.url
    page.locator("nav a", has_text="Studio").click()
    expect(page.locator(".result").first).to_be_visible()
    page.go_back()
    expect(page.locator("#library")).to_be_visible()


def test_back_leaves_the_ranking_to_the_form_and_forward_opens_it_again(page: Page, evening: Path) -> None:
    find_music(page, evening, title="a calm evening")
    ranked = titles(page)
    page.go_back()
    expect(page.locator("#brief")).to_be_visible()
    expect(page.locator("#found")).to_be_hidden()
    expect(page.locator("#chosen")).to_contain_text("evening.mp4")
    expect(page.locator("#title")).to_have_value("a calm evening")
    page.go_forward()
    expect(page.locator(".result").first).to_be_visible()
    assert titles(page) == ranked


def test_the_way_to_the_library_and_back_keeps_the_ranking(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.locator("nav a", has_text="Library").click()
    expect(page.locator(".track").first).to_be_visible()
    page.locator(".brand").click()
    expect(page.locator(".result").first).to_be_visible()
    assert "r=" in page.url

"""Requests of which nothing, or nothing good, comes back: the page says so and does not ask without end."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.media_files import write_text
from tests.web.browsing import Watched, open_page
from tests.web.painted_film import write_evening
from tests.web.test_restart import piece

LOST = """async () => {
  const { callWithoutKey } = await import("/web/js/api.js");
  window.fetch = async () => ({ ok: true, text: () => Promise.reject(new TypeError("cut off")) });
  return callWithoutKey("POST", "/feedback").then(() => "nothing", (error) => error.code);
}"""
SAID = "async (problem) => Object.values((await import('/web/js/problems.js')).said(problem)).join(' ')"


def test_a_video_that_was_removed_after_it_was_chosen_is_refused_in_words(page: Page, tmp_path: Path) -> None:
    video = write_evening(tmp_path / "gone.mp4", seconds=1)
    page.set_input_files("#video-file", video)
    video.unlink()
    page.get_by_role("button", name="Find music").click()
    problem = page.locator("#brief-problem .problem")
    expect(problem).to_contain_text("changed or removed on this device")
    expect(problem).to_contain_text("file_changed")


def test_a_file_that_was_removed_before_it_was_sent_is_refused_once(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    with open_page(browser, f"{address}/#library") as (page, watched):
        file = write_text(tmp_path / "no-music.flac")
        expect(page.locator("#library-lead")).to_contain_text("tracks")
        page.set_input_files("#music-files", file)
        refused = page.locator(".arrival.refused")
        expect(refused).to_contain_text("unreadable_media")
        file.unlink()
        refused.get_by_role("button", name="Try again").click()
        expect(refused).to_contain_text("changed or removed on this device")
        page.wait_for_timeout(1000)
        assert watched.count("POST /music") <= 2


def test_an_upload_that_is_lost_though_the_server_is_there_is_repeated_with_pauses(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    with open_page(browser, f"{address}/#library") as (page, watched):
        page.route("**/music", lambda route: route.abort())
        expect(page.locator("#library-lead")).to_contain_text("tracks")
        page.set_input_files("#music-files", piece(tmp_path, 0))
        expect(page.locator(".arrival")).to_contain_text("waiting for the server")
        page.wait_for_timeout(3000)
        assert 2 <= watched.count("POST /music") <= 5
        expect(page.locator("#banner")).to_be_hidden()


def test_an_answer_that_is_no_json_ends_the_upload(browser: Browser, address: str, tmp_path: Path) -> None:
    with open_page(browser, f"{address}/#library") as (page, _):
        page.route("**/music", lambda route: route.fulfill(status=201, body="<html>"))
        expect(page.locator("#library-lead")).to_contain_text("tracks")
        page.set_input_files("#music-files", piece(tmp_path, 0))
        expect(page.locator(".arrival.refused")).to_contain_text("garbled_answer")


def test_an_answer_that_breaks_off_is_told_as_an_absence(page: Page) -> None:
    assert page.evaluate(LOST) == "network"


def test_a_picture_that_is_too_large_is_told_with_the_servers_own_limit(page: Page) -> None:
    problem = {"code": "picture_too_large", "width": 8000, "height": 5000, "limit_pixels": 36_000_000}
    said = page.evaluate(SAID, problem)
    assert "40.0 megapixels" in said
    assert "36.0 megapixels" in said


def test_the_form_promises_no_time_that_the_server_may_not_keep(page: Page, watched: Watched, evening: Path) -> None:
    expect(page.locator("#find-hint")).not_to_contain_text("day")
    page.set_input_files("#video-file", evening)
    expect(page.locator("#find-hint")).not_to_contain_text("day")
    assert watched.count("POST /recommend") == 0

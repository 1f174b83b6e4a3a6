"""A server that asks for keys: the page asks for one once, keeps it in the session, and knows what it allows."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.serving.server_process import ServerProcess, running_server
from tests.web.browsing import asked_first, held, open_page

REFUSED = json.dumps({"code": "key_required", "detail": "this server asks for a key", "status": 401})
FIRST_KEY = "a-first-key-of-sufficient-length-0123456789"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "key").write_text(FIRST_KEY)
    with running_server(folder, initial_key_file=str(folder / "key")) as server:
        server.wait_until_ready()
        yield server


def test_a_key_is_asked_for_once_and_its_session_outlives_a_reload(browser: Browser, guarded: ServerProcess) -> None:
    with open_page(browser, str(guarded.client.base_url)) as (page, _):
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Key").fill("wrong")
        dialog.get_by_role("button", name="Open").click()
        expect(page.locator("#key-wrong")).to_contain_text("key_unknown")
        dialog.get_by_label("Key").fill(FIRST_KEY)
        dialog.get_by_role("button", name="Open").click()
        expect(dialog).to_be_hidden()
        expect(page.locator("#library-size")).to_have_text("0")
        page.reload()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        expect(dialog).to_be_hidden()
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        page.get_by_role("button", name="Sign out").click()
        expect(dialog).to_be_visible()


def test_the_dialog_stays_whatever_is_pressed(browser: Browser, guarded: ServerProcess) -> None:
    with open_page(browser, str(guarded.client.base_url)) as (page, _):
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        for _time in range(4):
            page.keyboard.press("Escape")
            page.wait_for_timeout(100)
        expect(dialog).to_be_visible()
        dialog.get_by_label("Key").fill(FIRST_KEY)
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        expect(page.locator("#library-size")).to_have_text("0")


def test_a_refusal_that_comes_after_the_key_was_given_asks_for_no_other(
    browser: Browser, guarded: ServerProcess
) -> None:
    with open_page(browser, "about:blank") as (page, watched):
        watched.host = str(guarded.client.base_url).removeprefix("http://")
        asked = held(page, "**/music?*", times=1)
        page.goto(f"{guarded.client.base_url}/#library")
        late = asked_first(page, asked)
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Key").fill(FIRST_KEY)
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        late.fulfill(status=401, content_type="application/problem+json", body=REFUSED)
        expect(page.locator("#rows-end")).to_contain_text("No music here yet")
        expect(dialog).to_be_hidden()

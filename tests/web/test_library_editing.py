"""Fields that are edited where they stand: nothing that happens meanwhile takes the text or the focus away."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.serving.server_process import ServerProcess, running_server
from tests.web.browsing import drop
from tests.web.library_steps import HeldEdits, added, emptied_after, focused, listed, open_library, song

# What is put into the list of rows, and taken out of it, from now on.
WATCH_ROWS = """
window.moves = { in: 0, out: 0 };
new MutationObserver((records) => records.forEach(({ addedNodes, removedNodes }) => {
  window.moves.in += addedNodes.length;
  window.moves.out += removedNodes.length;
})).observe(document.querySelector("#rows"), { childList: true });
"""


@pytest.fixture(scope="module")
def changing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("edited")) as server:
        server.wait_until_ready()
        yield server


@pytest.fixture
def own_server(changing_server: ServerProcess) -> Iterator[ServerProcess]:
    with emptied_after(changing_server) as server:
        yield server


@pytest.fixture(scope="module")
def pitches_hz() -> Iterator[int]:
    return count(300, 10)


@pytest.fixture
def three(own_server: ServerProcess, tmp_path: Path, pitches_hz: Iterator[int]) -> list[str]:
    """The ids of Dawn, Noon and Dusk, which is the newest; other files for each test."""
    return [
        added(own_server, song(tmp_path, f"{title}.flac", frequency_hz=next(pitches_hz)), title=title)
        for title in ("Dawn", "Noon", "Dusk")
    ]


@pytest.fixture
def page(browser: Browser, own_server: ServerProcess, three: list[str]) -> Iterator[Page]:
    with open_library(browser, own_server) as page:
        expect(page.locator(".track")).to_have_count(len(three))
        yield page


def stored(server: ServerProcess, track: str) -> dict[str, object]:
    answer: dict[str, object] = server.client.get(f"/music/{track}").json()
    return answer


def test_a_tag_is_edited_in_place_and_stays(page: Page, own_server: ServerProcess, three: list[str]) -> None:
    page.get_by_label("Moods of Noon").fill("calm, wistful")
    page.get_by_label("Moods of Noon").press("Enter")
    expect(page.locator("#live")).to_have_text("Saved")
    page.reload()
    expect(page.get_by_label("Moods of Noon")).to_have_value("calm, wistful")
    assert stored(own_server, three[1])["moods"] == ["calm", "wistful"]


def test_what_is_typed_while_another_field_is_saved_stays(
    page: Page, own_server: ServerProcess, three: list[str]
) -> None:
    edits = HeldEdits(page)
    page.get_by_label("Title of Noon").fill("High Noon")
    page.keyboard.press("Tab")
    page.keyboard.type("New artist na")
    assert len(edits) == 1
    edits.release()
    expect(page.get_by_label("Title of High Noon")).to_have_value("High Noon")
    assert focused(page) == "Artist of High Noon"
    expect(page.get_by_label("Artist of High Noon")).to_have_value("New artist na")
    page.keyboard.type("me")
    page.keyboard.press("Tab")
    wait_until_held(page, edits, 1)
    edits.release()
    expect(page.get_by_label("Artist of High Noon")).to_have_class("cell artist saved")
    track = stored(own_server, three[1])
    assert (track["title"], track["artist"]) == ("High Noon", "New artist name")


def test_the_fields_of_a_track_are_saved_one_after_another(page: Page) -> None:
    edits = HeldEdits(page)
    for text in ("First", "Second"):
        page.get_by_label("Title of Noon").fill(text)
        page.get_by_label("Title of Noon").press("Enter")
    page.get_by_label("Genre of Noon").fill("Western")
    page.get_by_label("Genre of Noon").press("Enter")
    for title in ("First", "Second", "Second"):
        wait_until_held(page, edits, 1)
        edits.release()
        expect(page.get_by_label(f"Moods of {title}")).to_be_visible()
        expect(page.locator(".track input.title").nth(1)).to_have_value("Second")
        expect(page.locator(".track input.genre").nth(1)).to_have_value("Western")
    assert len(edits) == 0


def test_what_the_server_does_not_take_stays_with_what_to_do(page: Page) -> None:
    field = page.get_by_label("BPM of Noon")
    before = field.input_value()
    field.fill("9000")
    field.press("Enter")
    refusal = page.locator(".track .refusal")
    expect(refusal).to_contain_text("invalid_parameter")
    expect(field).to_have_value("9000")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "Must be between 20 and 400" in described(page, field)
    refusal.get_by_role("button", name="Put back what was there").click()
    expect(field).to_have_value(before)
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(refusal).to_have_count(0)


def test_a_text_that_could_not_be_sent_is_sent_once_more(
    page: Page, own_server: ServerProcess, three: list[str]
) -> None:
    edits = HeldEdits(page)
    field = page.get_by_label("Artist of Dusk")
    field.fill("Otero")
    field.press("Enter")
    wait_until_held(page, edits, 1)
    edits.fail()
    expect(page.locator(".track .refusal")).to_contain_text("The server does not answer")
    expect(field).to_have_value("Otero")
    page.locator(".track .refusal").get_by_role("button", name="Try again").click()
    wait_until_held(page, edits, 1)
    edits.release()
    expect(page.locator(".track .refusal")).to_have_count(0)
    assert focused(page) == "Artist of Dusk"
    assert stored(own_server, three[2])["artist"] == "Otero"


def test_a_file_that_arrives_takes_neither_focus_nor_half_a_word(
    page: Page, own_server: ServerProcess, three: list[str], tmp_path: Path
) -> None:
    page.evaluate(WATCH_ROWS)
    page.get_by_label("Title of Noon").fill("")
    page.keyboard.type("Dron")
    drop(page, song(tmp_path, "arriving.flac", frequency_hz=5000), media_type="audio/flac")
    expect(page.locator(".track")).to_have_count(4)
    page.keyboard.type("e")
    assert focused(page) == "Title of Noon"
    assert stored(own_server, three[1])["title"] == "Noon"
    assert page.evaluate("moves") == {"in": 1, "out": 0}
    page.keyboard.press("Enter")
    expect(page.get_by_label("Title of Drone")).to_have_value("Drone")


def test_after_a_deletion_the_focus_is_in_the_next_row_and_after_its_undoing_in_the_row_that_is_back(
    page: Page, own_server: ServerProcess, three: list[str]
) -> None:
    page.get_by_role("button", name="Delete Noon").click()
    expect(page.get_by_role("button", name="Delete Dawn")).to_be_focused()
    assert own_server.client.get(f"/music/{three[1]}").status_code == 410
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Play Noon")).to_be_focused()
    assert listed(page) == ["Dusk", "Noon", "Dawn"]
    assert own_server.client.get(f"/music/{three[1]}").status_code == 200


def test_a_deletion_by_keys_ends_in_the_next_row_too(page: Page) -> None:
    page.get_by_role("button", name="Delete Dawn").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete Noon")).to_be_focused()


def test_rows_show_what_was_changed_elsewhere_but_not_over_what_is_typed(
    page: Page, own_server: ServerProcess, three: list[str]
) -> None:
    page.get_by_label("Title of Dawn").fill("Sunri")
    own_server.client.patch(f"/music/{three[0]}", json={"title": "Daybreak", "artist": "Halden"})
    own_server.client.patch(f"/music/{three[2]}", json={"title": "Nightfall"})
    page.evaluate("dispatchEvent(new Event('hashchange'))")
    expect(page.get_by_label("Title of Nightfall")).to_have_value("Nightfall")
    expect(page.get_by_label("Artist of Daybreak")).to_have_value("Halden")
    expect(page.get_by_label("Title of Daybreak")).to_have_value("Sunri")


def test_all_fields_are_in_the_details(page: Page, own_server: ServerProcess, three: list[str]) -> None:
    page.get_by_role("button", name="Details of Dusk").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Album").fill("Night Walks")
    dialog.get_by_label("Artist").fill("Otero")
    dialog.get_by_label("Vocals").select_option(label="no")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Artist of Dusk")).to_have_value("Otero")
    track = stored(own_server, three[2])
    assert (track["album"], track["vocals"], track["title"]) == ("Night Walks", False, "Dusk")


def described(page: Page, field: Locator) -> str:
    """The text that a screen reader reads out with it."""
    return page.locator(f"[id='{field.get_attribute('aria-describedby')}']").inner_text()


def wait_until_held(page: Page, edits: HeldEdits, count: int) -> None:
    """The browser is asked in between: requests are only seen while it is."""
    for _ in range(200):
        if len(edits) == count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{len(edits)} edits are held, not {count}")

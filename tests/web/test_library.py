from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.media_files import tone, write_sound, write_text
from tests.serving.server_process import ServerProcess, running_server
from tests.web.browsing import drop, open_page
from tests.web.studio_steps import wait_until

SOME = {"title": "Blue Hour", "artist": "Nine Lamps", "moods": "calm, nostalgic", "license": "CC0-1.0"}


@pytest.fixture
def library(page: Page) -> Page:
    """The shared library; tests leave it as they found it."""
    page.locator("nav a", has_text="Library").click()
    expect(page.locator(".track")).to_have_count(14)
    return page


@pytest.fixture(scope="module")
def changing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("changing")) as server:
        server.wait_until_ready()
        yield server


@pytest.fixture
def own_server(changing_server: ServerProcess) -> Iterator[ServerProcess]:
    """A server with an empty library that a test may change. No two tests add the same file: that would restore it."""
    yield changing_server
    for track in changing_server.client.get("/music", params={"limit": 100}).json()["items"]:
        changing_server.client.delete(f"/music/{track['id']}")


def song(folder: Path, name: str, *, frequency_hz: float) -> Path:
    return write_sound(folder / name, samples=tone(3, frequency_hz=frequency_hz, rate_hz=22_050), rate_hz=22_050)


def listed(page: Page) -> list[str]:
    """The titles in their order."""
    return [field.input_value() for field in page.locator(".track input.title").all()]


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


def test_dropped_files_arrive_row_by_row_and_the_refused_one_says_why(
    browser: Browser, own_server: ServerProcess, tmp_path: Path
) -> None:
    files = [song(tmp_path, f"piece-{number}.flac", frequency_hz=200 + 20 * number) for number in range(5)]
    refused = write_text(tmp_path / "broken.mp3")
    with open_page(browser, f"{own_server.client.base_url}#library") as (page, _):
        expect(page.locator("#rows-end")).to_contain_text("No music here yet")
        drop(page, *files, refused, media_type="audio/flac")
        expect(page.locator(".track")).to_have_count(5)
        refusal = page.locator(".arrival.refused")
        expect(refusal).to_contain_text("broken.mp3")
        expect(refusal).to_contain_text("unreadable_media")
        expect(page.locator("#arrivals")).to_contain_text("5 added · 1 refused")
        expect(page.locator("#library-size")).to_have_text("5")
        drop(page, files[0], media_type="audio/flac")
        expect(page.locator("#arrivals")).to_contain_text("1 there already")
        expect(page.locator(".track")).to_have_count(5)


def test_a_folder_is_added_without_what_is_no_music(
    browser: Browser, own_server: ServerProcess, tmp_path: Path
) -> None:
    album = tmp_path / "album"
    (album / "disc 2").mkdir(parents=True)
    song(album, "one.flac", frequency_hz=700)
    song(album / "disc 2", "two.flac", frequency_hz=800)
    write_text(album / "cover.txt")
    with open_page(browser, f"{own_server.client.base_url}#library") as (page, _):
        page.set_input_files("#music-folder", album)
        expect(page.locator(".track")).to_have_count(2)
        expect(page.locator("#arrivals")).to_contain_text("1 skipped, no music")


def test_a_file_that_browsers_do_not_play_is_heard_all_the_same(
    browser: Browser, own_server: ServerProcess, tmp_path: Path
) -> None:
    added(own_server, write_sound(tmp_path / "old.wma", codec="wmav2", seconds=4))
    with open_page(browser, f"{own_server.client.base_url}#library") as (page, _):
        page.get_by_role("button", name="Play Blue Hour").click()
        wait_until(page, "[...players].some((player) => player.currentTime > 0.5 && player.src.endsWith('/preview'))")


def test_a_tag_is_edited_in_place_and_stays(browser: Browser, own_server: ServerProcess, tmp_path: Path) -> None:
    track = added(own_server, song(tmp_path, "blue.flac", frequency_hz=410))
    with open_page(browser, f"{own_server.client.base_url}#library") as (page, _):
        page.get_by_label("Moods of Blue Hour").fill("calm, wistful")
        page.get_by_label("Moods of Blue Hour").press("Enter")
        expect(page.locator("#live")).to_have_text("Saved")
        page.reload()
        expect(page.get_by_label("Moods of Blue Hour")).to_have_value("calm, wistful")
    assert own_server.client.get(f"/music/{track}").json()["moods"] == ["calm", "wistful"]


def test_what_the_server_does_not_take_is_said_and_put_back(
    browser: Browser, own_server: ServerProcess, tmp_path: Path
) -> None:
    added(own_server, song(tmp_path, "blue.flac", frequency_hz=420))
    with open_page(browser, f"{own_server.client.base_url}#library") as (page, _):
        field = page.get_by_label("BPM of Blue Hour")
        before = field.input_value()
        field.fill("9000")
        field.press("Enter")
        expect(page.locator(".toast.bad")).to_contain_text("invalid_parameter")
        expect(field).to_have_value(before)


def test_all_fields_are_in_the_details(browser: Browser, own_server: ServerProcess, tmp_path: Path) -> None:
    track = added(own_server, song(tmp_path, "blue.flac", frequency_hz=430))
    with open_page(browser, f"{own_server.client.base_url}#library") as (page, _):
        page.get_by_role("button", name="Details of Blue Hour").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Album").fill("Night Walks")
        dialog.get_by_label("Vocals").select_option(label="no")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_be_hidden()
    stored = own_server.client.get(f"/music/{track}").json()
    assert (stored["album"], stored["vocals"], stored["title"]) == ("Night Walks", False, "Blue Hour")


def test_a_deleted_track_comes_back_by_undo(browser: Browser, own_server: ServerProcess, tmp_path: Path) -> None:
    track = added(own_server, song(tmp_path, "blue.flac", frequency_hz=440))
    with open_page(browser, f"{own_server.client.base_url}#library") as (page, _):
        page.get_by_role("button", name="Delete Blue Hour").click()
        expect(page.locator(".track")).to_have_count(0)
        assert own_server.client.get(f"/music/{track}").status_code == 410
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".track")).to_have_count(1)
        assert own_server.client.get(f"/music/{track}").status_code == 200


def test_an_empty_library_says_in_both_views_what_to_do_next(browser: Browser, own_server: ServerProcess) -> None:
    with open_page(browser, str(own_server.client.base_url)) as (page, _):
        expect(page.locator("#library-hint")).to_contain_text("Your library is empty")
        page.locator("#library-hint a").click()
        expect(page.locator("#rows-end")).to_contain_text("Drop files or whole folders")


def added(server: ServerProcess, file: Path) -> str:
    answer = server.client.post("/music", data=SOME, files={"file": (file.name, file.read_bytes())})
    return str(answer.json()["id"])

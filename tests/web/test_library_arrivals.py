"""What comes into the library: files that are dropped, folders, and what lies on the server."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.media_files import write_sound, write_text
from tests.serving.server_process import ServerProcess, running_server
from tests.web.browsing import drop
from tests.web.library_steps import added, emptied_after, open_library, song
from tests.web.studio_steps import wait_until

# Lets a folder fall onto the page: a file without bytes, one that is no music, and one entry that cannot be read.
DROP_FOLDER = """
([name, bytes]) => {
  const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  const music = new File([content], name, { type: "audio/flac" });
  const refuse = (_, failed) => failed(new DOMException("no", "NotReadableError"));
  const readable = (file) => ({ isFile: true, name: file.name, file: (done) => done(file) });
  const folder = (name, readEntries) => ({ isFile: false, name, createReader: () => ({ readEntries }) });
  const parts = [[
    readable(music), readable(new File([], "hollow.flac")), readable(new File(["x"], ".DS_Store")),
    { isFile: true, name: "locked.flac", file: refuse }, folder("closed", refuse),
  ], []];
  DataTransferItem.prototype.webkitGetAsEntry = () => folder("album", (done) => done(parts.shift()));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(music);
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}
"""
# The name of the file that is taken for the video among files of these names and types.
VIDEO_AMONG = """
async (files) => {
  const { videoAmong } = await import("/web/js/dropping.js");
  return videoAmong(files.map(([name, type, size]) => new File(["x".repeat(size)], name, { type })))?.name ?? null;
}
"""


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder from which the server may import."""
    return tmp_path_factory.mktemp("imports")


@pytest.fixture(scope="module")
def changing_server(imports: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("filled"), import_dir=str(imports)) as server:
        server.wait_until_ready()
        yield server


@pytest.fixture
def own_server(changing_server: ServerProcess) -> Iterator[ServerProcess]:
    with emptied_after(changing_server) as server:
        yield server


@pytest.fixture
def page(browser: Browser, own_server: ServerProcess) -> Iterator[Page]:
    with open_library(browser, own_server) as page:
        yield page


def test_dropped_files_arrive_row_by_row_and_the_refused_one_says_why(page: Page, tmp_path: Path) -> None:
    files = [song(tmp_path, f"piece-{number}.flac", frequency_hz=200 + 20 * number) for number in range(5)]
    refused = write_text(tmp_path / "broken.mp3")
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


def test_a_folder_is_added_without_what_is_no_music(page: Page, tmp_path: Path) -> None:
    album = tmp_path / "album"
    (album / "disc 2").mkdir(parents=True)
    song(album, "one.flac", frequency_hz=700)
    song(album / "disc 2", "two.flac", frequency_hz=800)
    write_text(album / "cover.txt")
    page.set_input_files("#music-folder", album)
    expect(page.locator(".track")).to_have_count(2)
    expect(page.locator("#arrivals")).to_contain_text("1 skipped, no music")


def test_what_cannot_be_read_or_is_empty_is_listed_and_the_rest_of_its_folder_is_added(
    page: Page, tmp_path: Path
) -> None:
    file = song(tmp_path, "whole.flac", frequency_hz=900)
    page.evaluate(DROP_FOLDER, [file.name, b64encode(file.read_bytes()).decode()])
    expect(page.locator(".track")).to_have_count(1)
    expect(page.locator("#arrivals")).to_contain_text("1 added · 3 refused · 1 skipped, no music")
    told = {row.locator(".file").inner_text(): row.inner_text() for row in page.locator(".arrival").all()}
    assert told.keys() == {"hollow.flac", "locked.flac", "closed"}
    assert "The file is empty" in told["hollow.flac"]
    assert "The browser cannot read it" in told["locked.flac"]
    assert "The browser cannot read it" in told["closed"]
    page.locator(".arrival", has=page.get_by_text("closed", exact=True)).get_by_role(
        "button", name="Leave it out"
    ).click()
    expect(page.locator("#arrivals")).to_contain_text("1 added · 2 refused")


@pytest.mark.parametrize(
    ("files", "video"),
    [
        ([(".DS_Store", "", 1), ("song.mp3", "audio/mpeg", 1), ("clip.mkv", "", 1)], "clip.mkv"),
        ([("notes", "", 1), ("film.bin", "video/mp4", 1)], "film.bin"),
        ([("hollow.mp4", "video/mp4", 0), ("whole.mp4", "video/mp4", 1)], "whole.mp4"),
        ([("recording", "", 1)], "recording"),
        ([("cover.jpg", "image/jpeg", 1), (".DS_Store", "", 1), ("song.mp4", "audio/mp4", 1)], None),
    ],
)
def test_of_dropped_files_the_one_that_is_a_video_is_taken(
    page: Page, files: list[tuple[str, str, int]], video: str | None
) -> None:
    assert page.evaluate(VIDEO_AMONG, files) == video


def test_while_the_library_is_searched_only_what_matches_is_listed(
    page: Page, own_server: ServerProcess, tmp_path: Path
) -> None:
    added(own_server, song(tmp_path, "there.flac", frequency_hz=1000))
    page.reload()
    page.get_by_label("Search the library").fill("arriving")
    expect(page.locator("#rows-end")).to_contain_text("No track matches")
    drop(page, song(tmp_path, "other.flac", frequency_hz=1010), media_type="audio/flac")
    expect(page.locator("#arrivals")).to_contain_text("1 added")
    drop(page, song(tmp_path, "arriving.flac", frequency_hz=1020), media_type="audio/flac")
    expect(page.locator(".track")).to_have_count(1)
    expect(page.locator(".track input.title")).to_have_attribute("placeholder", "arriving.flac")
    expect(page.locator("#library-lead")).to_have_text("1 track matches")
    page.get_by_label("Search the library").fill("")
    expect(page.locator(".track")).to_have_count(3)


def test_a_folder_on_the_server_is_imported_and_the_refused_file_says_why(page: Page, imports: Path) -> None:
    album = imports / "album"
    album.mkdir()
    song(album, "good.flac", frequency_hz=1100)
    write_sound(album / "brief.flac", seconds=0.05)
    page.get_by_role("button", name="Import on the server").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Folder").fill("elsewhere")
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("folder_not_allowed")
    dialog.get_by_label("Folder").fill("album")
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog).to_contain_text("Imported 1 added · 0 there already · 1 refused · 0 skipped")
    assert dialog.locator(".refusals li").all_inner_texts() == [
        "brief.flac The file lasts 0.05 s; at least 0.1 s are needed. media_too_short"
    ]
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator(".track input.title")).to_have_attribute("placeholder", "good.flac")


def test_a_file_that_browsers_do_not_play_is_heard_all_the_same(
    browser: Browser, own_server: ServerProcess, tmp_path: Path
) -> None:
    added(own_server, write_sound(tmp_path / "old.wma", codec="wmav2", seconds=4))
    with open_library(browser, own_server) as page:
        page.get_by_role("button", name="Play Blue Hour").click()
        wait_until(page, "[...players].some((player) => player.currentTime > 0.5 && player.src.endsWith('/preview'))")

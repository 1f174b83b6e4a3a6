"""Videos of which a browser plays nothing, or the sound alone, or does not know the length."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.media_files import Film, write_video
from tests.web.browsing import drop
from tests.web.studio_steps import chosen_start, find_music, playback, wait_until

HAS_PICTURE = "document.querySelector('#video').readyState >= 2 && document.querySelector('#video').videoWidth > 0"


@pytest.mark.parametrize("name", ["old.avi", "phone.mp4"])
def test_a_video_the_browser_cannot_show_is_seen_and_heard_with_the_servers_copy(
    page: Page, tmp_path: Path, name: str
) -> None:
    video = write_video(tmp_path / name, Film(seconds=3, size=(160, 120), codec="mpeg4", with_sound=True))
    page.set_input_files("#video-file", video)
    expect(page.locator("#screen-note")).to_contain_text("cannot show this kind of file")
    find_music(page, video)
    wait_until(page, HAS_PICTURE)
    expect(page.locator("#screen-note")).to_be_hidden()
    page.keyboard.press("Space")
    assert playback(page, seconds=1.5)[-1].video_s > 0.5


def test_a_video_whose_file_does_not_say_how_long_it_is_has_the_length_that_the_server_found(
    page: Page, tmp_path: Path
) -> None:
    film = Film(seconds=4, size=(160, 120), codec="libvpx", with_sound=True, container_options={"live": "1"})
    find_music(page, write_video(tmp_path / "recorded.webm", film))
    assert page.evaluate("document.querySelector('#video').duration") == float("inf")
    expect(page.locator("#time")).to_have_text("0:00 / 0:04")
    assert float(page.locator("#position").get_attribute("max") or "nan") == pytest.approx(4, abs=0.2)
    shown = page.locator("#deck-part").inner_text()
    assert shown.split("–")[0] != shown.split("–")[1]
    assert chosen_start(page) >= 0


def test_the_video_is_found_among_what_a_folder_holds_beside_it(page: Page, evening: Path, tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"x" * 100)
    (tmp_path / "empty.mp4").write_bytes(b"")
    drop(page, tmp_path / ".DS_Store", tmp_path / "empty.mp4", evening, media_type="")
    expect(page.locator("#chosen")).to_contain_text("evening.mp4")

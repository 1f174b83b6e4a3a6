"""A server that goes away while the page is open: the page says so, waits, and goes on where it was."""

import socket
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.media_files import tone, write_sound
from tests.serving.server_process import running_server
from tests.web.browsing import open_page
from tests.web.conftest import fill
from tests.web.studio_steps import find_music, titles

FILES = 8


def test_uploads_go_on_after_a_restart_and_each_file_is_stored_once(browser: Browser, tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "served"
    files = [piece(tmp_path, number) for number in range(FILES)]
    with open_page(browser, "about:blank") as (page, watched):
        with running_server(folder, port=port) as server:
            server.wait_until_ready()
            watched.host = f"127.0.0.1:{port}"
            page.goto(f"http://{watched.host}/#library")
            expect(page.locator("#rows-end")).to_contain_text("No music here yet")
            page.set_input_files("#music-files", files)
            expect(page.locator(".track").first).to_be_visible()
            server.kill()
        expect(page.locator("#banner")).to_contain_text("does not answer")
        with running_server(folder, port=port) as server:
            expect(page.locator("#banner")).to_be_hidden(timeout=60_000)
            expect(page.locator(".track")).to_have_count(FILES, timeout=60_000)
            assert len(server.client.get("/music", params={"limit": 100}).json()["items"]) == FILES


def test_a_ranking_is_narrowed_after_a_restart(browser: Browser, media: Path, tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "served"
    with open_page(browser, "about:blank") as (page, watched):
        with running_server(folder, port=port) as server:
            server.wait_until_ready()
            fill(server, media)
            watched.host = f"127.0.0.1:{port}"
            page.goto(f"http://{watched.host}/")
            find_music(page, media / "evening.mp4")
            tender = page.locator("#facets .strip .chip", has_text="tender")
            expect(tender).to_be_visible()
            before = page.locator("#screen").bounding_box()
            server.kill()
        tender.click()
        expect(page.locator("#banner")).to_be_visible()
        assert page.locator("#screen").bounding_box() == before
        with running_server(folder, port=port):
            expect(page.locator("#banner")).to_be_hidden(timeout=60_000)
            expect(page.locator(".result")).to_have_count(2)
            assert set(titles(page)) == {"Paper Boats", "First Light"}


def piece(folder: Path, number: int) -> Path:
    samples = tone(20, frequency_hz=200 + 30 * number, rate_hz=22_050)
    return write_sound(folder / f"piece-{number}.flac", samples=samples, rate_hz=22_050)


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])

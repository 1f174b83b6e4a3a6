"""Looks at the page as the README shows it, in three pictures.

`BGM_WRITE_PICTURES=1 pytest tests/web/test_pictures.py` takes the README's pictures anew, into docs/.
"""

import io
import os
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browsing import NARROW, WIDE, open_page
from tests.web.studio_steps import find_music, wait_until

DOCS = Path(__file__).parents[2] / "docs"
TITLE, WORDS = "A calm evening by the lake", "calm, tender"
# Text alone has fewer, by the smoothing of its edges; a film and its waveforms have many more.
FEWEST_COLOURS = 150


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go."""
    if os.environ.get("BGM_WRITE_PICTURES") != "1":
        return tmp_path
    DOCS.mkdir(exist_ok=True)
    return DOCS


def test_the_studio_while_a_track_plays(browser: Browser, address: str, evening: Path, folder: Path) -> None:
    with open_page(browser, address, size=WIDE) as (page, _):
        play_the_best(page, evening)
        assert len(in_sight(page, ".result")) >= 5
        assert len(in_sight(page, ".result .wave.drawn")) >= 5
        take(page, folder / "studio.png", WIDE)


def test_the_library(browser: Browser, address: str, folder: Path) -> None:
    with open_page(browser, f"{address}#library", size=WIDE) as (page, _):
        expect(page.locator(".track")).to_have_count(14)
        page.get_by_role("button", name="Play First Light").click()
        expect(page.locator("#listen .wave.drawn")).to_be_visible()
        page.locator("#listen .seek").click()
        wait_until(page, "[...players].some((player) => player.currentTime > 20 && !player.paused)")
        assert len(in_sight(page, ".track")) >= 10
        take(page, folder / "library.png", WIDE)


def test_a_phone_in_the_dark(browser: Browser, address: str, evening: Path, folder: Path) -> None:
    with open_page(browser, address, size=NARROW, scheme="dark") as (page, _):
        play_the_best(page, evening)
        assert in_sight(page, "#picker .wave.drawn")
        pixels = take(page, folder / "narrow.png", NARROW)
        assert np.median(pixels) < 60


def play_the_best(page: Page, video: Path) -> None:
    """Until the sun is low."""
    find_music(page, video, title=TITLE, keywords=WORDS)
    # Those that can be seen are drawn, and no others.
    page.locator(".result").nth(5).scroll_into_view_if_needed()
    expect(page.locator(".result").nth(5).locator(".wave.drawn")).to_be_attached()
    page.evaluate("scrollTo(0, 0)")
    page.locator("#position").fill("2.5")
    page.locator("#play").click()
    wait_until(page, "document.querySelector('#video').currentTime > 3.2")


def in_sight(page: Page, selector: str) -> list[float]:
    """How far down in the window each of these begins, in pixels; those that are in it whole."""
    boxes = [found.bounding_box() for found in page.locator(selector).all()]
    height = page.evaluate("innerHeight")
    return [box["y"] for box in boxes if box and box["y"] >= 0 and box["y"] + box["height"] <= height]


def take(page: Page, path: Path, size: tuple[int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The picture's pixels, shape (height, width, 3)."""
    with av.open(io.BytesIO(page.screenshot(path=path)), "r") as picture:
        pixels = next(picture.decode(video=0)).to_ndarray(format="rgb24").astype(np.uint8)
    width, height = size
    assert pixels.shape == (height, width, 3)
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > FEWEST_COLOURS
    return pixels

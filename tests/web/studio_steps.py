"""What a user does in the studio, step by step, and what there is to see then."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

PLAYING = """
[...window.players].some((player) => player instanceof HTMLAudioElement && !player.paused)
  && !document.querySelector("#video").paused
"""
# Every 50 ms: where the video is, and how far the music is from where it belongs.
SAMPLE = """
async ([start_s, milliseconds]) => {
  const video = document.querySelector("#video");
  const audio = [...window.players].find((player) => player instanceof HTMLAudioElement);
  const samples = [];
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (video.paused || audio.paused) continue;
    const belongs = (start_s + video.currentTime) % audio.duration;
    samples.push([video.currentTime, audio.currentTime, audio.currentTime - belongs]);
  }
  return samples;
}
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """Of a playback, in seconds. `apart_s`: by how much the music is ahead of where it belongs."""

    video_s: float
    music_s: float
    apart_s: float


def find_music(page: Page, video: Path, *, title: str = "", keywords: str = "") -> None:
    """Picks the video and sends it; returns when the ranked rows are there."""
    page.set_input_files("#video-file", video)
    page.get_by_role("textbox", name="Title").fill(title)
    page.get_by_role("textbox", name="Words").fill(keywords)
    page.get_by_role("button", name="Find music").click()
    expect(page.locator(".result").first).to_be_visible()


def titles(page: Page) -> list[str]:
    """Of all rows, best first."""
    return page.locator(".result h3").all_inner_texts()


def wait_until(page: Page, expression: str) -> None:
    """Until it is true in the page. Playwright's own waiting needs `eval`, which the page's policy forbids."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


def settle(page: Page) -> None:
    """Waits until no answer is awaited any more."""
    page.wait_for_timeout(350)
    expect(page.locator("#found.busy")).to_have_count(0)


def moods(page: Page) -> list[str]:
    """The facts of each row: tempo, moods, licence."""
    return page.locator(".result .facts").all_inner_texts()


def chosen_start(page: Page) -> float:
    """Where the chosen track begins under the video, in seconds."""
    return float(page.locator("#picker").get_attribute("aria-valuenow") or "nan")


def playback(page: Page, *, seconds: float) -> list[Moment]:
    """What is heard and seen for a while, from when both play."""
    wait_until(page, PLAYING)
    samples = page.evaluate(SAMPLE, [chosen_start(page), seconds * 1000])
    return [Moment(*sample) for sample in samples]

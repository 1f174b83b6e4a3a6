"""What the page weighs, and how long after the server's answer the first track is heard under the video.

    python -m benchmarks.page [--videos FOLDER] [--music FOLDER]

Chromium, driven by Playwright, opens the page, is given a clip, and plays the best track as soon as its row is there.
The time runs from the moment the answer to `POST /recommend` has arrived to the moment the track's position moves.
Every turn is a browser without a cache; where it cannot play the track as it came, the first waits for the preview.
"""

import argparse
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Response, sync_playwright

from app.recommendation.media_folder import VIDEO_ENDINGS, find_media
from benchmarks.clips import make_clips
from benchmarks.machine import Finding, markdown_table, print_findings
from benchmarks.server import bgm_command, command_environment, running_server
from training.demo_library import compose_library

HEAVIEST_BYTES, LONGEST_S = 150_000, 1.5
TRACKS, TURNS, LIMIT_MS = 12, 5, 60_000
# The measuring runs in the page, so that the driver's own way there and back is in no figure.
STOPWATCH = """
const open = XMLHttpRequest.prototype.open;
XMLHttpRequest.prototype.open = function (method, address, ...rest) {
  if (address === "/recommend") this.addEventListener("load", () => { window.answered_ms = performance.now(); });
  return open.call(this, method, address, ...rest);
};
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  if (this instanceof HTMLAudioElement && !window.player) { window.player = this; window.began_s = this.currentTime; }
  return play.call(this);
};
const watch = () => {
  const button = document.querySelector(".result .round");
  if (button && !window.pressed) { window.pressed = true; button.click(); }
  const isHeard = window.player && !window.player.paused && window.player.currentTime > window.began_s;
  if (isHeard) window.heard_ms = performance.now();
  else setTimeout(watch, 4);
};
watch();
"""


@dataclass(frozen=True, slots=True)
class ClipTimes:
    """Seconds from the answer to the sound: of the first turn, and the median of all."""

    name: str
    first_s: float
    median_s: float


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the page's files: those of the studio and of both views, and what the server sends of both."""

    studio_bytes: int
    whole_bytes: int
    sent_bytes: int


def main() -> None:
    parser = argparse.ArgumentParser(description="weight of the page, and time to the first sound")
    parser.add_argument("--videos", type=Path, help="a folder of clips; some are made without it")
    parser.add_argument("--music", type=Path, help="a folder of music; the demo library's first tracks without it")
    parser.add_argument("--at-most", type=int, default=6, help="how many clips to take (6)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bgm-page-") as temporary:
        folder = Path(temporary)
        clips = _clips_in(arguments.videos) if arguments.videos else make_clips(folder / "clips")
        _import(arguments.music or _demo_music(folder / "music"), folder / "data")
        with running_server(folder / "data") as server, _chromium() as browser:
            weights = _weigh(browser, server.url)
            taken = clips[: arguments.at_most]
            times = [_time_clip(browser, server.url, clip) for clip in taken]
    _report(weights, times)


def _clips_in(folder: Path) -> list[Path]:
    found = find_media(folder, endings=VIDEO_ENDINGS, outside=Path("bgm-data"))
    return [file.path for file in found if file.passed_over is None]


def _demo_music(folder: Path) -> Path:
    compose_library(folder, count=TRACKS, on_track=lambda _: None)
    return folder


def _import(music: Path, data_dir: Path) -> None:
    command = bgm_command("import", str(music))
    subprocess.run(command, env=command_environment(data_dir), check=False, stdout=subprocess.DEVNULL)


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        switches = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=switches)
        yield browser
        browser.close()


def _weigh(browser: Browser, url: str) -> Weights:
    files: dict[str, int] = {}
    sent: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if "/web/" in response.url or response.url == f"{url}/":
            files[response.url] = len(response.body())
            sent[response.url] = response.request.sizes()["responseBodySize"]

    page = browser.new_page()
    page.on("response", weigh)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    studio_bytes = sum(files.values())
    page.click("nav a:last-of-type")
    page.wait_for_selector(".track")
    page.close()
    return Weights(studio_bytes, sum(files.values()), sum(sent.values()))


def _time_clip(browser: Browser, url: str, clip: Path) -> ClipTimes:
    seconds = [_first_sound_s(browser, url, clip) for _ in range(TURNS)]
    return ClipTimes(clip.name, seconds[0], statistics.median(seconds))


def _first_sound_s(browser: Browser, url: str, clip: Path) -> float:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(STOPWATCH)
    page.goto(url)
    page.set_input_files("#video-file", clip)
    page.click("#find")
    for _ in range(LIMIT_MS // 20):
        if page.evaluate("window.heard_ms") is not None:
            break
        page.wait_for_timeout(20)
    else:
        raise SystemExit(f"{clip.name}: nothing was heard within {LIMIT_MS // 1000} s")
    milliseconds = float(page.evaluate("window.heard_ms - window.answered_ms"))
    context.close()
    return milliseconds / 1000


def _report(weights: Weights, times: Sequence[ClipTimes]) -> None:
    slowest = max(clip.median_s for clip in times)
    findings = [
        Finding(
            "transferred, both views", _kilobytes(weights.sent_bytes), "≤ 150 KB", weights.sent_bytes <= HEAVIEST_BYTES
        ),
        Finding("… before compression", _kilobytes(weights.whole_bytes), "", None),
        Finding("… the studio alone, before compression", _kilobytes(weights.studio_bytes), "", None),
        Finding("answer to first sound, slowest clip", f"{slowest:.2f} s", f"≤ {LONGEST_S} s", slowest <= LONGEST_S),
    ]
    print_findings("the page", findings)
    rows = [(clip.name, f"{clip.first_s:.2f}", f"{clip.median_s:.2f}") for clip in times]
    print("\n" + markdown_table(("clip", "first turn, s", f"median of {TURNS} turns, s"), rows))


def _kilobytes(count: int) -> str:
    return f"{count / 1000:.0f} KB"


if __name__ == "__main__":
    main()

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from app.recommendation.fuse import USUAL_TEXT_WEIGHT
from tests.media_files import write_text
from tests.web.browsing import Watched, drop
from tests.web.studio_steps import chosen_start, find_music, moods, playback, settle, titles, wait_until

# What a viewer does not notice; the first quarter of a second is starting.
MOST_APART_S = 0.08


def test_a_dropped_video_is_ranked_with_all_that_a_row_tells(page: Page, evening: Path) -> None:
    drop(page, evening, media_type="video/mp4")
    expect(page.locator("#chosen")).to_contain_text("evening.mp4")
    page.get_by_role("textbox", name="Title").fill("A calm evening by the lake")
    page.get_by_role("button", name="Find music").click()
    row = page.locator(".result").first
    expect(row.locator("h3")).not_to_be_empty()
    expect(row.locator(".facts")).to_contain_text("BPM")
    expect(row.locator(".facts")).to_contain_text("CC")
    expect(row.locator(".score")).to_contain_text("0.")
    expect(row.locator(".wave.drawn")).to_be_visible()
    expect(page.locator(".result")).to_have_count(10)
    expect(page.locator("#found-brief")).to_contain_text("A calm evening by the lake")


def test_rows_come_best_first_and_more_of_them_on_request_none_twice(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".result")).to_have_count(14)
    scores = [float(text.split()[-1]) for text in page.locator(".result .score").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)
    assert len(set(titles(page))) == 14


def test_filters_narrow_the_list_without_another_upload(page: Page, watched: Watched, evening: Path) -> None:
    find_music(page, evening)
    page.locator("#facets .strip .chip", has_text="calm").click()
    settle(page)
    assert titles(page)
    assert all("calm" in said for said in moods(page))
    page.locator("#facets summary", has_text="Licence").click()
    page.locator("#facets .panel .chip:visible", has_text="CC0-1.0").click()
    settle(page)
    assert moods(page)
    assert all("calm" in said and "CC0-1.0" in said for said in moods(page))
    assert watched.count("POST /recommend") == 1
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator(".result")).to_have_count(10)


def test_a_list_that_filters_left_short_says_which_one_to_take_back(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.locator("#facets .strip .chip", has_text="calm").click()
    expect(page.locator("#relax")).to_contain_text("Without the mood filter")
    page.get_by_role("button", name="Remove the mood filter").click()
    expect(page.locator(".result")).to_have_count(10)
    expect(page.locator("#relax")).to_be_empty()


def test_a_tempo_range_is_written_in_numbers(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.locator("#facets summary", has_text="Tempo").click()
    page.get_by_label("Tempo, from").fill("110")
    page.get_by_label("Tempo, from").press("Enter")
    settle(page)
    tempi = [int(said.split(" BPM")[0].split()[-1]) for said in moods(page)]
    assert tempi
    assert min(tempi) >= 110


def test_space_plays_the_video_with_the_track_and_both_stay_together(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_accessible_name("Pause")
    moments = playback(page, seconds=4)
    settled = [moment for moment in moments if moment.video_s > 0.25]
    assert settled[-1].video_s - settled[0].video_s > 2
    assert settled[-1].music_s - settled[0].music_s > 2
    assert max(abs(moment.apart_s) for moment in settled) <= MOST_APART_S
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_accessible_name("Play")


def test_both_stay_together_after_a_jump_and_after_another_track(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.keyboard.press("Space")
    page.wait_for_timeout(600)
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(900)
    after_track = playback(page, seconds=0.8)
    page.locator("#position").fill("1")
    page.wait_for_timeout(400)
    after_jump = playback(page, seconds=1.5)
    for moments in (after_track, after_jump):
        assert moments
        assert max(abs(moment.apart_s) for moment in moments) <= MOST_APART_S


def test_a_track_shorter_than_the_video_begins_again(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.locator("#facets summary", has_text="Artist").click()
    page.locator("#facets .panel .chip:visible", has_text="Otero").click()
    settle(page)
    page.keyboard.press("Escape")
    assert titles(page) == ["Salt Flats"]
    page.locator(".result .round").click()
    page.wait_for_timeout(300)
    page.locator("#position").fill("4")
    page.wait_for_timeout(500)
    moments = playback(page, seconds=1.2)
    assert moments[-1].video_s > 5
    assert moments[-1].music_s < 2
    assert abs(moments[-1].apart_s) <= MOST_APART_S


def test_arrow_keys_go_through_the_rows_and_choose_the_track(page: Page, evening: Path) -> None:
    find_music(page, evening)
    expect(page.locator(".result .round").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".result .round").nth(2)).to_be_focused()
    expect(page.locator("#deck-title")).to_have_text(titles(page)[2])
    page.keyboard.press("Home")
    expect(page.locator("#deck-title")).to_have_text(titles(page)[0])
    assert page.locator(".result .round[tabindex='0']").count() == 1


def test_the_row_under_the_pointer_is_the_one_that_space_plays(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.locator(".result h3").nth(3).hover()
    page.keyboard.press("Space")
    expect(page.locator("#deck-title")).to_have_text(titles(page)[3])
    expect(page.locator("#play")).to_have_accessible_name("Pause")


def test_the_part_that_is_heard_is_moved_by_keys_and_by_pointer_and_goes_back(page: Page, evening: Path) -> None:
    find_music(page, evening)
    suggested = chosen_start(page)
    picker = page.locator("#picker")
    picker.focus()
    page.keyboard.press("Home")
    assert chosen_start(page) == 0
    page.keyboard.press("Shift+ArrowRight")
    assert chosen_start(page) == 5
    page.get_by_role("button", name="Suggested start").click()
    assert chosen_start(page) == suggested
    box = page.locator(".result .wave").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    latest_s = float(picker.get_attribute("aria-valuemax") or "nan")
    assert 0.3 * latest_s < chosen_start(page) < 0.8 * latest_s
    expect(page.locator("#play")).to_have_accessible_name("Pause")


def test_more_like_a_track_and_back_to_the_ranking(page: Page, evening: Path) -> None:
    find_music(page, evening)
    ranked = titles(page)
    page.get_by_role("button", name=f"More like {ranked[1]}").click()
    expect(page.locator("#found-title")).to_contain_text(ranked[1])
    assert ranked[1] not in titles(page)
    page.get_by_role("button", name="Back to the ranking").click()
    expect(page.locator("#found-title")).to_contain_text("best first")
    assert titles(page) == ranked


def test_the_weight_of_the_words_changes_the_order_without_another_upload(
    page: Page, watched: Watched, evening: Path
) -> None:
    find_music(page, evening, title="epic storm", keywords="tense, orchestral")
    page.get_by_label("Go by the picture or by the words").fill("1")
    expect(page.locator(".result h3").first).to_have_text("Iron Weather")
    assert watched.count("POST /recommend") == 1


def test_the_weight_of_the_words_begins_where_the_server_does(page: Page) -> None:
    assert float(page.locator("#text-weight").get_attribute("value") or "nan") == USUAL_TEXT_WEIGHT


def test_why_these_tells_the_time_of_every_stage(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.locator("#why summary").click()
    for stage in ("Received", "Looked at the pictures", "Described them", "Looked up the tracks"):
        expect(page.locator(".timings")).to_contain_text(stage)


def test_a_ranking_outlives_a_reload_with_its_filters_and_the_servers_copy_of_the_video(
    page: Page, evening: Path
) -> None:
    find_music(page, evening)
    page.locator("#facets .strip .chip", has_text="calm").click()
    settle(page)
    before = titles(page)
    page.reload()
    expect(page.locator(".result").first).to_be_visible()
    assert titles(page) == before
    wait_until(page, "document.querySelector('#video').readyState >= 2")
    assert "/recommend/" in page.evaluate("document.querySelector('#video').src")


def test_feedback_is_sent_once_for_a_track_that_was_played_and_rejected(page: Page, evening: Path) -> None:
    told: list[str] = []

    def hear(request: Request) -> None:
        if request.url.endswith("/feedback"):
            told.append(json.loads(request.post_data or "")["event"])

    page.on("request", hear)
    find_music(page, evening)
    page.get_by_role("button", name=f"{titles(page)[0]} does not fit").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    with page.expect_request("**/feedback"):
        pass
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    page.wait_for_timeout(2500)
    assert told == ["rejected", "played"]


@pytest.mark.parametrize("name", ["no-video.mp4", "holiday.txt"])
def test_a_file_that_is_no_video_is_refused_in_words_with_the_code(page: Page, tmp_path: Path, name: str) -> None:
    page.set_input_files("#video-file", write_text(tmp_path / name))
    page.get_by_role("button", name="Find music").click()
    problem = page.locator("#brief-problem .problem")
    expect(problem).to_contain_text("cannot be read")
    expect(problem).to_contain_text("unreadable_media")
    expect(problem).to_contain_text("request ")


def test_music_dropped_into_the_studio_is_sent_to_the_library(page: Page, media: Path) -> None:
    drop(page, media / "paper-boats.flac", media_type="audio/flac")
    expect(page.locator("#brief-problem")).to_contain_text("is no video")
    page.locator("#brief-problem a").click()
    expect(page.locator("#library")).to_be_visible()

"""The page without a mouse, or with both in turn: where the focus is, and what the arrow keys do."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.web.browsing import open_page
from tests.web.studio_steps import find_music, settle, titles


def test_arrow_keys_go_on_after_a_click_into_a_row(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.locator(".result h3").nth(2).click()
    page.locator("#found-brief").click()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#deck-title")).to_have_text(titles(page)[3])


def test_arrow_keys_go_through_the_rows_of_more_like_a_track(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.get_by_role("button", name=f"More like {titles(page)[1]}").click()
    expect(page.locator("#found-title")).to_be_focused()
    at = titles(page).index(page.locator(".result.cursor h3").inner_text())
    page.keyboard.press("ArrowDown")
    expect(page.locator("#deck-title")).to_have_text(titles(page)[at + 1])


def test_arrow_keys_move_a_slider_and_not_the_choice_of_the_track(page: Page, evening: Path) -> None:
    find_music(page, evening)
    page.locator("#music-volume").focus()
    page.keyboard.press("ArrowDown")
    page.locator("#picker").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(400)
    expect(page.locator("#deck-title")).to_have_text(titles(page)[0])
    expect(page.locator("#music-volume")).not_to_have_value("1")


def test_a_ranking_that_began_empty_can_be_played_when_it_has_rows(page: Page, evening: Path) -> None:
    find_music(page, evening)
    address = page.url
    page.goto("about:blank")
    page.goto(f"{address}&genre=nowhere")
    expect(page.locator("#found-title")).to_have_text("No track")
    page.get_by_role("button", name="Clear filters").first.click()
    page.locator(".result .round").first.click()
    expect(page.locator("#play")).to_be_enabled()
    expect(page.locator("#position")).to_be_enabled()


def test_a_panel_stays_open_and_the_focus_on_its_chip_until_something_else_is_clicked(
    page: Page, evening: Path
) -> None:
    find_music(page, evening)
    for name, value in (("Licence", "CC0-1.0"), ("Mood", "calm")):
        page.locator("#facets summary", has_text=name).click()
        chip = page.locator("#facets details[open] .chip", has_text=value)
        chip.click()
        settle(page)
        expect(chip).to_be_focused()
        page.keyboard.press("Enter")
        settle(page)
        expect(chip).to_be_focused()
        expect(chip).to_have_attribute("aria-pressed", "false")
    page.locator("#found-brief").click()
    expect(page.locator("#facets details[open]")).to_have_count(0)


def test_taking_back_a_deletion_is_at_hand_by_key_and_the_focus_comes_back(browser: Browser, address: str) -> None:
    with open_page(browser, f"{address}/#library") as (page, _):
        expect(page.locator(".track")).to_have_count(14)
        delete = page.get_by_role("button", name="Delete Paper Boats")
        delete.focus()
        page.keyboard.press("Enter")
        undo = page.get_by_role("button", name="Undo")
        expect(undo).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".track")).to_have_count(14)
        expect(undo).to_have_count(0)
        expect(page.locator("body")).not_to_be_focused()


def test_a_note_with_a_button_stays_under_the_focus_and_goes_with_escape(page: Page) -> None:
    page.locator("#keywords").focus()
    page.keyboard.press("Shift+Tab")
    page.locator(".brand").focus()
    page.evaluate("async () => (await import('/web/js/notices.js')).toast('Gone.', { undo: () => {} })")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator(".brand")).to_be_focused()


def test_a_note_does_not_take_the_focus_from_whoever_writes(page: Page) -> None:
    page.locator("#title").press("a")
    page.evaluate("async () => (await import('/web/js/notices.js')).toast('Gone.', { undo: () => {} })")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.locator("#title")).to_be_focused()

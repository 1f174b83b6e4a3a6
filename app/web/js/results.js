/** The ranked tracks as rows: what they are, why they fit, their waveform. One row is the current one. */

import { el, fill, icon, iconButton, setIcon } from "./dom.js";
import { clock, many, nameOf } from "./format.js";
import { Waveform, secondAt } from "./waveform.js";

const AUDITION_MS = 160;

/**
 * `on.choose(result, {play, start_s})` when a row is chosen, `on.toggle()` when the current one is played or paused,
 * `on.similar(result)`, `on.reject(result)`.
 */
export class ResultList {
  #rows = [];
  #current = null;
  #cursor = null;
  #isPlaying = false;
  #timer = 0;

  constructor(element, on) {
    Object.assign(this, { element, on });
    element.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.#hover(event));
  }

  get results() {
    return this.#rows.map((row) => row.result);
  }

  /** The row that space plays: where the pointer or the arrow keys were last. */
  get cursor() {
    return this.#cursor?.result ?? null;
  }

  /** Shows these in place of the others, or after them. */
  show(results, { append = false } = {}) {
    const rows = results.map((result) => this.#row(result));
    this.#rows = append ? [...this.#rows, ...rows] : rows;
    if (append) this.element.append(...rows.map((row) => row.element));
    else this.#replace(rows);
    this.mark(this.#current, this.#isPlaying);
    if (!this.#cursor && this.#rows.length) this.#moveTo(this.#find(this.#current) ?? this.#rows[0]);
    return rows;
  }

  #replace(rows) {
    clearTimeout(this.#timer);
    this.#cursor = null;
    fill(this.element, rows.map((row) => row.element));
  }

  /** Says which track is the current one (its id) and whether it plays. */
  mark(trackId, isPlaying) {
    this.#current = trackId;
    this.#isPlaying = isPlaying;
    for (const { element, button, result, wave } of this.#rows) {
      const isCurrent = result.track.id === trackId;
      element.classList.toggle("current", isCurrent);
      setIcon(button, isCurrent && isPlaying ? "pause" : "play");
      button.setAttribute("aria-label", `${isCurrent && isPlaying ? "Pause" : "Play"} ${nameOf(result.track)}`);
      button.setAttribute("aria-current", isCurrent);
      if (!isCurrent) wave.head(null);
    }
  }

  /** Shows where the current track is heard, and from where on it is used. */
  follow(time_s, start_s, end_s) {
    const row = this.#find(this.#current);
    row?.wave.head(time_s);
    row?.wave.part(start_s, end_s);
  }

  focusFirst() {
    this.#rows[0]?.button.focus({ preventScroll: true });
  }

  #find(trackId) {
    return this.#rows.find((row) => row.result.track.id === trackId);
  }

  #row(result) {
    const { track, section } = result;
    const wave = new Waveform();
    wave.show(track);
    if (section) wave.part(section.start_s, section.end_s);
    const button = el("button", { type: "button", class: "round", tabindex: -1, onclick: () => this.#press(row) }, icon("play"));
    const element = el("li", { class: "result", onclick: (event) => this.#click(event, row) },
      button,
      el("div", { class: "names" }, el("h3", {}, nameOf(track)), el("p", {}, [track.artist ?? "Unknown artist", track.genre].filter(Boolean).join(" · "))),
      el("div", { class: "wave-cell" }, wave.element),
      el("div", { class: "score", title: "How well it fits, 0 to 1" }, el("span", { class: "unseen" }, "Fits "), result.score.toFixed(2), meter(result.score)),
      el("ul", { class: "facts", "aria-label": "About the track" }, factsOf(result).map((fact) => el("li", {}, fact))),
      el("p", { class: "reasons" }, el("span", { class: "span" }, spanOf(result)), result.reasons.map((reason) => el("span", { title: reason.detail }, inShort(reason.detail)))),
      el("div", { class: "row-acts" },
        iconButton("similar", `More like ${nameOf(track)}`, () => this.on.similar(result)),
        iconButton("reject", `${nameOf(track)} does not fit`, (event) => this.#reject(event, row), { "aria-pressed": "false" })));
    const row = { result, element, button, wave };
    return row;
  }

  #press(row) {
    this.#moveTo(row);
    if (row.result.track.id === this.#current) this.on.toggle();
    else this.on.choose(row.result, { play: true });
  }

  /** A click beside the buttons chooses the track; one into the waveform also where it starts. */
  #click(event, row) {
    if (event.target.closest("button")) return;
    const wave = event.target.closest(".wave");
    const start_s = wave ? secondAt(event, wave, row.result.track.duration_s) : undefined;
    this.#moveTo(row);
    this.on.choose(row.result, { play: Boolean(wave) || this.#isPlaying, start_s });
  }

  #reject(event, row) {
    const isRejected = row.element.classList.toggle("rejected");
    event.currentTarget.setAttribute("aria-pressed", isRejected);
    if (isRejected) this.on.reject(row.result);
  }

  #hover(event) {
    const element = event.target.closest(".result");
    const row = this.#rows.find((each) => each.element === element);
    if (row && row !== this.#cursor) this.#moveTo(row);
  }

  /** Goes to the row that a key stands for; the first and the last only from within the list. */
  step(event) {
    const at = this.#rows.indexOf(this.#cursor);
    const ends = this.element.contains(event.target) ? { Home: 0, End: this.#rows.length - 1 } : {};
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, ...ends };
    if (!(event.key in moves)) return;
    event.preventDefault();
    const row = this.#rows[moves[event.key]];
    if (!row) return;
    this.#moveTo(row);
    row.button.focus({ preventScroll: true });
    row.element.scrollIntoView({ block: "nearest" });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.on.choose(row.result, { play: this.#isPlaying }), AUDITION_MS);
  }

  /** Makes the row the one that space plays and Tab reaches; the focus follows where it is in the list already. */
  #moveTo(row) {
    if (this.#cursor) this.#cursor.button.tabIndex = -1;
    this.#cursor?.element.classList.remove("cursor");
    this.#cursor = row;
    row.button.tabIndex = 0;
    row.element.classList.add("cursor");
    const focused = document.activeElement;
    if (focused?.matches(".result > .round") && this.element.contains(focused)) row.button.focus({ preventScroll: true });
  }
}

function factsOf({ track: { bpm, moods, license }, folded }) {
  return [bpm && `${Math.round(bpm)} BPM`, ...moods, license ?? "licence unknown", folded?.length && many(folded.length, "near-duplicate")].filter(Boolean);
}

/** A reason without its figures, which stand in brackets; the deck has them. */
const inShort = (detail) => `${detail.replace(/ \([^)]*\)/g, "").replace(/\.$/, "")}.`;

function spanOf({ section, track }) {
  return section ? `${clock(section.start_s)}–${clock(section.end_s)}` : clock(track.duration_s);
}

function meter(score) {
  const bar = el("i", { class: "meter", "aria-hidden": "true" });
  bar.style.setProperty("--share", `${Math.max(0, Math.min(1, score)) * 100}%`);
  return bar;
}

/** Grey rows in the place of those that are awaited. */
export function skeletonRows(count) {
  return Array.from({ length: count }, () => el("div", { class: "skeleton" }, el("i"), el("b"), el("u")));
}


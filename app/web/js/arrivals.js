/** Files on their way into the library, a row each, and those that were refused, with what to do. */

import { arrange } from "./arrange.js";
import { $, el, fill, icon, iconButton } from "./dom.js";
import { UnreadFile } from "./dropping.js";
import { bytes, many } from "./format.js";
import { announce } from "./notices.js";
import { said } from "./problems.js";
import { UploadQueue } from "./upload-queue.js";

const MOST_ROWS = 40;
const STATES = { waiting: "waiting", sending: "sending", measuring: "being measured", held: "waiting for the server" };
const NO_MUSIC = /^(image|text)\/|^application\/(pdf|json|xml|zip)/;
const NO_MUSIC_NAME = /^\.|\.(cue|log|nfo|m3u8?|pls|sfv|db|ini|url|jpe?g|png|txt|md|csv)$/i;

const EMPTY = { code: "empty_file", what: "The file is empty.", todo: "It may not have been copied to its end. Copy it once more, then add it again." };
const UNREAD = { code: "unread_file", what: "The browser cannot read it.", todo: "It may have been moved, or be closed to you. See to that, then add it again." };

/** `onTrack(track, isNew)` hears of each file that is in the library. */
export class Arrivals {
  #queue = new UploadQueue();
  // Those that are refused here, before anything is sent.
  #unsent = [];
  #rows = new Map();
  #counts = { added: 0, present: 0, skipped: 0 };
  #title = el("h2");
  #words = el("p");
  #stop = el("button", { type: "button", class: "quiet", onclick: () => { this.#queue.removeWaiting(); this.#render(); } }, "Stop sending");
  #shut = iconButton("close", "Close this list", () => this.#close());
  #list = el("ul");
  #more = el("li", { class: "hint" });

  constructor(element, onTrack) {
    Object.assign(this, { element, onTrack });
    element.append(el("div", { class: "arrivals-head" }, this.#title, this.#words, this.#stop, this.#shut), this.#list);
    this.#queue.addEventListener("change", ({ detail }) => this.#changed(detail));
    addEventListener("beforeunload", (event) => this.#queue.unfinished.length && event.preventDefault());
  }

  add(files) {
    const music = files.filter((file) => !NO_MUSIC.test(file.type) && !NO_MUSIC_NAME.test(file.name));
    const whole = music.filter((file) => file.size);
    this.#counts.skipped += files.length - music.length;
    this.#unsent.push(...music.filter((file) => !file.size).map((file) => ({ file, state: "refused", error: file instanceof UnreadFile ? UNREAD : EMPTY })));
    this.element.hidden = false;
    this.#queue.add(whole);
    this.#render();
    announce(whole.length ? `${many(whole.length, "file")} to send` : this.#summary());
  }

  get #items() {
    return [...this.#unsent, ...this.#queue.items];
  }

  #changed(item) {
    if (item.state === "added" || item.state === "present") {
      this.#counts[item.state] += 1;
      this.#queue.remove(item);
      this.onTrack(item.track, item.state === "added");
    }
    if (this.#rows.has(item) && item.state === "sending") this.#update(item);
    else this.#render();
    if (!this.#queue.unfinished.length) announce(this.#summary());
  }

  #render() {
    const items = this.#items;
    const shown = items.toSorted((one, other) => order(one) - order(other)).slice(0, MOST_ROWS);
    for (const item of this.#rows.keys()) if (!shown.includes(item)) this.#rows.delete(item);
    for (const item of shown) this.#update(item);
    const more = items.length - shown.length;
    this.#more.textContent = `and ${many(more, "more file")}`;
    arrange(this.#list, [...shown.map((item) => this.#rows.get(item).element), ...(more > 0 ? [this.#more] : [])]);
    this.#renderHead();
  }

  #renderHead() {
    const left = this.#queue.unfinished;
    this.#title.textContent = left.length ? `${many(left.length, "file")} on the way` : "Arrived";
    this.#words.textContent = this.#summary();
    this.#stop.hidden = !left.some((item) => item.state === "waiting");
    this.#shut.hidden = left.length > 0;
  }

  #summary() {
    const { added, present, skipped } = this.#counts;
    const refused = this.#items.filter((item) => item.state === "refused").length;
    const parts = [`${added} added`, present && `${present} there already`, refused && `${refused} refused`, skipped && `${skipped} skipped, no music`];
    return parts.filter(Boolean).join(" · ");
  }

  #close() {
    for (const item of this.#items) this.#remove(item);
    this.#counts = { added: 0, present: 0, skipped: 0 };
    this.#render();
    this.element.hidden = true;
    $("#library").focus();
  }

  #remove(item) {
    this.#unsent = this.#unsent.filter((each) => each !== item);
    this.#queue.remove(item);
  }

  #update(item) {
    const row = this.#rows.get(item) ?? this.#row(item);
    const isRefused = item.state === "refused";
    row.state.textContent = isRefused ? "refused" : STATES[item.state];
    row.bar.value = item.share ?? 0;
    row.bar.hidden = isRefused;
    row.element.classList.toggle("refused", isRefused);
    if (row.told === item.error) return;
    row.told = item.error;
    fill(row.why, item.error && this.#refusal(item));
  }

  #row(item) {
    const row = { told: null, state: el("span", { class: "hint" }), bar: el("progress", { max: 1, "aria-label": item.file.name }), why: el("div", { class: "refusal" }) };
    const size = el("span", { class: "hint" }, bytes(item.file.size));
    row.element = el("li", { class: "arrival" }, el("span", { class: "file" }, item.file.name), size, row.state, row.bar, row.why);
    this.#rows.set(item, row);
    return row;
  }

  /** The button that had the focus has gone: the next refusal has it, or the library. */
  #goOn() {
    if (document.activeElement === document.body) ($("button", this.#list) ?? $("#library")).focus();
  }

  #refusal(item) {
    const wasSent = !this.#unsent.includes(item);
    const { what, todo } = wasSent ? said(item.error) : item.error;
    const leave = () => { this.#remove(item); this.#render(); this.#goOn(); };
    const again = () => { this.#queue.again(item); this.#goOn(); };
    return [
      el("p", {}, icon("alert"), el("strong", {}, what), " ", todo, " ", el("code", {}, item.error.code)),
      el("div", { class: "acts" },
        wasSent && el("button", { type: "button", class: "quiet", onclick: again }, "Try again"),
        el("button", { type: "button", class: "quiet", onclick: leave }, "Leave it out")),
    ];
  }
}

/** Refused ones first, then what is under way, then what waits. */
const order = ({ state }) => (state === "refused" ? 0 : state === "waiting" ? 2 : 1);

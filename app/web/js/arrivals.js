/** Files on their way into the library, a row each, and those that were refused, with what to do. */

import { $, el, fill, icon, iconButton } from "./dom.js";
import { bytes, many } from "./format.js";
import { announce } from "./notices.js";
import { said } from "./problems.js";
import { UploadQueue } from "./upload-queue.js";

const MOST_ROWS = 40;
const STATES = { waiting: "waiting", sending: "sending", measuring: "being measured", held: "waiting for the server" };
const NO_MUSIC = /^(image|text)\/|^application\/(pdf|json|xml|zip)/;
const NO_MUSIC_NAME = /^\.|\.(cue|log|nfo|m3u8?|pls|sfv|db|ini|url|jpe?g|png|txt|md|csv)$/i;

/** `onTrack(track, isNew)` hears of each file that is in the library. */
export class Arrivals {
  #queue = new UploadQueue();
  #rows = new Map();
  #counts = { added: 0, present: 0, skipped: 0 };
  #head = el("div", { class: "arrivals-head" });
  #list = el("ul");

  constructor(element, onTrack) {
    Object.assign(this, { element, onTrack });
    element.append(this.#head, this.#list);
    this.#queue.addEventListener("change", ({ detail }) => this.#changed(detail));
    addEventListener("beforeunload", (event) => this.#queue.unfinished.length && event.preventDefault());
  }

  add(files) {
    const music = files.filter((file) => file.size && !NO_MUSIC.test(file.type) && !NO_MUSIC_NAME.test(file.name));
    this.#counts.skipped += files.length - music.length;
    this.element.hidden = false;
    this.#queue.add(music);
    this.#render();
    announce(`${many(music.length, "file")} to send`);
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
    const items = this.#queue.items;
    const shown = [...items].sort((one, other) => order(one) - order(other)).slice(0, MOST_ROWS);
    for (const item of this.#rows.keys()) if (!shown.includes(item)) this.#rows.delete(item);
    for (const item of shown) this.#update(item);
    const more = items.length - shown.length;
    fill(this.#list, shown.map((item) => this.#rows.get(item).element), more > 0 && el("li", { class: "hint" }, `and ${many(more, "more file")}`));
    this.#renderHead();
  }

  #renderHead() {
    const waiting = this.#queue.items.some((item) => item.state === "waiting");
    const isOver = !this.#queue.unfinished.length;
    fill(this.#head, el("h2", {}, isOver ? "Arrived" : `${many(this.#queue.unfinished.length, "file")} on the way`), el("p", {}, this.#summary()),
      waiting && el("button", { type: "button", class: "quiet", onclick: () => { this.#queue.removeWaiting(); this.#render(); } }, "Stop sending"),
      isOver && iconButton("close", "Close this list", () => this.#close()));
  }

  #summary() {
    const { added, present, skipped } = this.#counts;
    const refused = this.#queue.items.filter((item) => item.state === "refused").length;
    const parts = [`${added} added`, present && `${present} there already`, refused && `${refused} refused`, skipped && `${skipped} skipped, no music`];
    return parts.filter(Boolean).join(" · ");
  }

  #close() {
    for (const item of [...this.#queue.items]) this.#queue.remove(item);
    this.#counts = { added: 0, present: 0, skipped: 0 };
    this.#render();
    this.element.hidden = true;
    $("#library").focus();
  }

  #update(item) {
    const row = this.#rows.get(item) ?? this.#row(item);
    row.state.textContent = item.state === "refused" ? "refused" : STATES[item.state];
    row.bar.value = item.share;
    row.bar.hidden = item.state === "refused";
    row.element.classList.toggle("refused", item.state === "refused");
    fill(row.why, item.error && this.#refusal(item));
  }

  #row(item) {
    const row = { state: el("span", { class: "hint" }), bar: el("progress", { max: 1, "aria-label": item.file.name }), why: el("div", { class: "refusal" }) };
    const size = el("span", { class: "hint" }, bytes(item.file.size));
    row.element = el("li", { class: "arrival" }, el("span", { class: "file" }, item.file.name), size, row.state, row.bar, row.why);
    this.#rows.set(item, row);
    return row;
  }

  #refusal(item) {
    const { what, todo } = said(item.error);
    const leave = () => { this.#queue.remove(item); this.#render(); };
    return [
      el("p", {}, icon("alert"), el("strong", {}, what), " ", todo, " ", el("code", {}, item.error.code)),
      el("div", { class: "acts" },
        el("button", { type: "button", class: "quiet", onclick: () => this.#queue.again(item) }, "Try again"),
        el("button", { type: "button", class: "quiet", onclick: leave }, "Leave it out")),
    ];
  }
}

/** Refused ones first, then what is under way, then what waits. */
const order = ({ state }) => (state === "refused" ? 0 : state === "waiting" ? 2 : 1);

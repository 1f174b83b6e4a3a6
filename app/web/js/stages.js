/** The way of a video through the server, as a list that fills while it happens. */

import { el, fill, icon } from "./dom.js";
import { milliseconds, percent } from "./format.js";

const STEPS = [
  ["upload", "Sending the video"], ["wait", "Waiting for a free place"], ["decode", "Looking at its pictures"],
  ["encode", "Describing what is seen"], ["search", "Ranking the library"],
];
/** The words for the server's own measurements, in their order. */
const MEASURED = {
  receive: "Received", wait: "Waited", decode: "Looked at the pictures", features: "Measured them", encode: "Described them",
  search: "Searched", rank: "Ranked", sections: "Found the parts that fit", catalogue: "Looked up the tracks",
};

export class StageList {
  #items = new Map();
  #at = -1;
  #began_ms = 0;

  constructor(element) {
    this.element = element;
  }

  begin() {
    this.#items = new Map(STEPS.map(([name, label]) => {
      const state = el("span", { class: "state" });
      const bar = el("i", { class: "bar" });
      return [name, { state, bar, item: el("li", {}, icon("check"), el("span", {}, label), state, name === "upload" && bar) }];
    }));
    fill(this.element, [...this.#items.values()].map(({ item }) => item));
    this.#at = -1;
    this.#began_ms = performance.now();
    this.#advance(0);
  }

  upload(share) {
    const { state, bar } = this.#items.get("upload");
    bar.style.setProperty("--share", percent(share).replace(" ", ""));
    if (this.#at === 0) state.textContent = percent(share);
  }

  /** Takes the server's word for where the request is. */
  reach(stage) {
    const at = STEPS.findIndex(([name]) => name === stage);
    if (at > this.#at) this.#advance(at);
  }

  /** Everything that came before is done, and took its time; one that was skipped over has none. */
  #advance(at) {
    const now_ms = performance.now();
    const steps = [...this.#items.values()];
    steps.slice(Math.max(0, this.#at), at).forEach(({ item, state }, skipped) => {
      item.className = "done";
      item.removeAttribute("aria-current");
      state.textContent = skipped ? "" : milliseconds(now_ms - this.#began_ms);
    });
    steps[at].item.className = "now";
    steps[at].item.setAttribute("aria-current", "step");
    this.#at = at;
    this.#began_ms = now_ms;
  }
}

/** What the server measured of itself, as bars; `answer`: a recommendation. */
export function whyThese(answer, wholeTiming) {
  const timing = { ...wholeTiming, ...answer.timing_ms };
  const steps = Object.keys(MEASURED).filter((name) => name in timing);
  const most = Math.max(...steps.map((name) => timing[name]), 0.1);
  const about = [
    ["Encoder", `${answer.encoder.name}, ${answer.encoder.digest.slice(0, 19)}…`],
    ["Video", `${answer.video.width} × ${answer.video.height}, ${answer.video.frames} pictures looked at`],
    ["Library", `${answer.library_size.toLocaleString("en")} tracks, of which ${answer.total.toLocaleString("en")} were ranked`],
    ["Words", answer.text_used ? "taken into account" : "none given"],
    ["Kept until", new Date(answer.expires_at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })],
  ];
  return [
    el("p", { class: "hint" }, "The picture is measured – its pace, light, colours and motion – and so is every track. Those that lie closest come first; the sentences under each name what they share."),
    el("dl", { class: "about" }, about.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    el("ul", { class: "timings", "aria-label": "Time by stage" }, steps.map((name) => {
      const bar = el("i");
      bar.style.setProperty("--share", `${(100 * timing[name]) / most}%`);
      return el("li", {}, el("span", {}, MEASURED[name]), bar, el("span", { class: "ms" }, milliseconds(timing[name])));
    })),
  ];
}

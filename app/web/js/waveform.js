/** A track's waveform as a drawing that scales: its outline, the part that is used, and where it plays. */

import { get } from "./api.js";
import { el, svg } from "./dom.js";

const POINTS = 300;
const LEAST_HEIGHT = 1.5;
const EMPTY = Array(POINTS).fill(0);

const known = new Map();
const wanted = new WeakMap();
const nearby = new IntersectionObserver((seen) => seen.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
  nearby.unobserve(target);
  wanted.get(target)();
}), { rootMargin: "200px" });

/** The peaks of a track, 0 to 1, the loudest brought to 1; asked for once. */
export function peaksOf(track) {
  if (!known.has(track.id)) known.set(track.id, fetched(track));
  return known.get(track.id);
}

/** An empty drawing; `show` fills it, `part` lights a range of it, `head` marks a moment (null: none), in seconds. */
export class Waveform {
  #outlines = [svg("path"), svg("path")];
  #duration_s = 1;
  element = el("div", { class: "wave", "aria-hidden": "true" }, ...this.#outlines.map((path, index) => (
    svg("svg", { class: index ? "lit" : "base", viewBox: `0 -100 ${POINTS - 1} 200`, preserveAspectRatio: "none" }, path))),
  el("i", { class: "head" }));

  constructor() {
    this.#draw(EMPTY);
  }

  /** Draws the track as soon as it can be seen. */
  show(track) {
    this.#duration_s = track.duration_s;
    this.element.classList.remove("drawn");
    wanted.set(this.element, async () => {
      try {
        this.#draw(await peaksOf(track));
        this.element.classList.add("drawn");
      } catch {
        // The line that stands for silence stays; everything else works without the drawing.
        this.#draw(EMPTY);
      }
    });
    nearby.unobserve(this.element);
    nearby.observe(this.element);
  }

  part(start_s, end_s) {
    this.#place("--from", start_s);
    this.#place("--to", end_s);
  }

  head(time_s) {
    this.element.classList.toggle("playing", time_s !== null);
    if (time_s !== null) this.#place("--head", time_s);
  }

  #place(name, seconds) {
    const share = Math.max(0, Math.min(1, seconds / this.#duration_s));
    this.element.style.setProperty(name, `${(share * 100).toFixed(3)}%`);
  }

  #draw(peaks) {
    const outline = outlineOf(peaks);
    for (const path of this.#outlines) path.setAttribute("d", outline);
  }
}

/** The second of a track that lies under a pointer on its drawing. */
export function secondAt(event, element, duration_s) {
  const { left, width } = element.getBoundingClientRect();
  return Math.max(0, Math.min(1, (event.clientX - left) / width)) * duration_s;
}

async function fetched(track) {
  try {
    const { peaks } = await get(track.waveform_url, new URLSearchParams({ points: POINTS }));
    const loudest = Math.max(...peaks, 0.001);
    return peaks.map((peak) => peak / loudest);
  } catch (error) {
    known.delete(track.id);
    throw error;
  }
}

function outlineOf(peaks) {
  const heights = peaks.map((peak) => Math.max(LEAST_HEIGHT, peak * 100).toFixed(1));
  const top = heights.map((height, at) => `${at} -${height}`);
  const bottom = heights.map((height, at) => `${at} ${height}`).reverse();
  return `M${[...top, ...bottom].join("L")}Z`;
}

/** Chooses the part of a track that is heard: a window on its waveform, moved by pointer or keys. */

import { clock } from "./format.js";
import { el } from "./dom.js";
import { Waveform, secondAt } from "./waveform.js";

const STEP_S = 0.5;
const LARGE_STEP_S = 5;
const SHORTEST_REST_S = 0.5;

/** `onMove` hears the start in seconds when it was moved and let go. */
export class SectionPicker {
  #wave = new Waveform();
  #window = el("span", { class: "window" });
  #track = null;
  #video_s = 0;
  #start_s = 0;
  #grabbed = null;

  constructor(element, onMove) {
    this.element = element;
    this.onMove = onMove;
    element.append(this.#wave.element, this.#window);
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("pointerdown", (event) => this.#grab(event));
    element.addEventListener("pointermove", (event) => this.#drag(event));
    element.addEventListener("pointerup", () => this.#letGo());
    element.addEventListener("pointercancel", () => this.#letGo());
  }

  get start_s() {
    return this.#start_s;
  }

  /** The latest start that leaves enough of the track for the whole video; a shorter track may start anywhere. */
  static latestStart(track, video_s) {
    const room_s = track.duration_s - video_s;
    return Math.max(0, room_s > 0 ? room_s : track.duration_s - SHORTEST_REST_S);
  }

  show(track, video_s, start_s) {
    if (track.id !== this.#track?.id) this.#wave.show(track);
    this.#track = track;
    this.#video_s = video_s;
    this.#place(start_s);
  }

  head(time_s) {
    this.#wave.head(time_s);
  }

  #place(start_s) {
    const { duration_s } = this.#track;
    const latest_s = SectionPicker.latestStart(this.#track, this.#video_s);
    this.#start_s = Math.max(0, Math.min(latest_s, start_s));
    const end_s = Math.min(duration_s, this.#start_s + this.#video_s);
    this.#wave.part(this.#start_s, end_s);
    this.#window.style.setProperty("left", `${(100 * this.#start_s) / duration_s}%`);
    this.#window.style.setProperty("width", `${(100 * (end_s - this.#start_s)) / duration_s}%`);
    const said = { min: 0, max: latest_s.toFixed(3), now: this.#start_s.toFixed(3), text: `${clock(this.#start_s, 1)} of ${clock(duration_s)}` };
    for (const [name, value] of Object.entries(said)) this.element.setAttribute(`aria-value${name}`, value);
  }

  #key(event) {
    const step_s = event.shiftKey ? LARGE_STEP_S : STEP_S;
    const moves = {
      ArrowLeft: -step_s, ArrowDown: -step_s, ArrowRight: step_s, ArrowUp: step_s,
      PageDown: -LARGE_STEP_S, PageUp: LARGE_STEP_S, Home: -Infinity, End: Infinity,
    };
    if (!this.#track || !(event.key in moves)) return;
    event.preventDefault();
    this.#place(this.#start_s + moves[event.key]);
    this.onMove(this.#start_s);
  }

  /** Inside the window it is dragged as it lies; elsewhere it first comes to the pointer. */
  #grab(event) {
    if (!this.#track || event.button) return;
    const at_s = secondAt(event, this.element, this.#track.duration_s);
    const isInside = at_s >= this.#start_s && at_s <= this.#start_s + this.#video_s;
    if (!isInside) this.#place(at_s);
    this.#grabbed = { offset_s: at_s - this.#start_s, from_s: isInside ? this.#start_s : null };
    this.element.setPointerCapture(event.pointerId);
  }

  #drag(event) {
    if (this.#grabbed) this.#place(secondAt(event, this.element, this.#track.duration_s) - this.#grabbed.offset_s);
  }

  #letGo() {
    const grabbed = this.#grabbed;
    this.#grabbed = null;
    if (grabbed && grabbed.from_s !== this.#start_s) this.onMove(this.#start_s);
  }
}

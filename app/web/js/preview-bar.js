/** Plays tracks of the library by themselves, in a bar at the foot of the view. */

import { el, fill, iconButton, setIcon } from "./dom.js";
import { clock, nameOf } from "./format.js";
import { toast } from "./notices.js";
import { TrackSource } from "./track-source.js";
import { Waveform, secondAt } from "./waveform.js";

const STEP_S = 5;

/** Event `change` when another track, or none, plays. */
export class PreviewBar extends EventTarget {
  #audio = Object.assign(new Audio(), { preload: "auto" });
  #source = new TrackSource(this.#audio);
  #track = null;
  #wave = new Waveform();
  #button = iconButton("play", "Play", () => this.toggle(), { class: "round" });
  #names = el("div", { class: "names" });
  #time = el("output", { class: "time" });
  #seek = el("div", { class: "seek", role: "slider", tabindex: 0, "aria-label": "Position in the track" }, this.#wave.element);

  constructor(element) {
    super();
    this.element = element;
    element.append(this.#button, this.#names, this.#seek, this.#time, iconButton("close", "Close the preview", () => this.stop()));
    this.#seek.addEventListener("pointerdown", (event) => this.#to(secondAt(event, this.#seek, this.#track.duration_s)));
    this.#seek.addEventListener("keydown", (event) => this.#key(event));
    for (const name of ["play", "pause", "ended"]) this.#audio.addEventListener(name, () => this.#changed());
    this.#audio.addEventListener("timeupdate", () => this.#tick());
    this.#audio.addEventListener("error", () => this.#track && toast(`“${nameOf(this.#track)}” cannot be played here.`, { bad: true }));
  }

  get track() {
    return this.#track;
  }

  get isPlaying() {
    return Boolean(this.#track) && !this.#audio.paused && !this.#audio.ended;
  }

  /** Plays a track, or pauses it where it plays already. */
  play(track) {
    if (track.id === this.#track?.id) return this.toggle();
    this.#track = track;
    this.element.hidden = false;
    fill(this.#names, el("h3", {}, nameOf(track)), el("p", {}, track.artist ?? "Unknown artist"));
    this.#wave.show(track);
    this.#source.track = track;
    return this.#start();
  }

  toggle() {
    return this.isPlaying ? this.#audio.pause() : this.#start();
  }

  pause() {
    this.#audio.pause();
  }

  stop() {
    this.#audio.pause();
    this.#track = null;
    this.element.hidden = true;
    this.#audio.removeAttribute("src");
    this.dispatchEvent(new Event("change"));
  }

  #start() {
    // A play that another track or a pause cuts short is no failure; the error event tells of real ones.
    return this.#audio.play().catch(() => this.#changed());
  }

  #to(seconds) {
    this.#audio.currentTime = Math.max(0, Math.min(this.#track.duration_s, seconds));
    this.#tick();
  }

  #key(event) {
    const moves = { ArrowLeft: -STEP_S, ArrowDown: -STEP_S, ArrowRight: STEP_S, ArrowUp: STEP_S, Home: -Infinity, End: Infinity };
    if (event.key === " ") this.toggle();
    else if (event.key in moves) this.#to(this.#audio.currentTime + moves[event.key]);
    else return;
    event.preventDefault();
  }

  #changed() {
    setIcon(this.#button, this.isPlaying ? "pause" : "play");
    this.#button.setAttribute("aria-label", this.isPlaying ? "Pause" : "Play");
    this.#tick();
    this.dispatchEvent(new Event("change"));
  }

  #tick() {
    if (!this.#track) return;
    const [now_s, whole_s] = [this.#audio.currentTime, this.#track.duration_s];
    this.#wave.head(now_s);
    this.#wave.part(0, now_s);
    this.#time.textContent = `${clock(now_s)} / ${clock(whole_s)}`;
    const values = { min: 0, max: Math.round(whole_s), now: Math.round(now_s), text: `${clock(now_s)} of ${clock(whole_s)}` };
    for (const [name, value] of Object.entries(values)) this.#seek.setAttribute(`aria-value${name}`, value);
  }
}

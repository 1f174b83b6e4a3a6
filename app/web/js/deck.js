/** The chosen track under the video: what it is, which part of it is heard, and where it starts. */

import { $, el, fill } from "./dom.js";
import { clock, nameOf } from "./format.js";
import { SectionPicker } from "./section-picker.js";

export class Deck {
  #result = null;
  /** Starts that were chosen by hand, by track. */
  #starts = new Map();
  #suggested = $("#suggested");

  /** `onStart` hears where the track starts when that was changed here. */
  constructor(player, onStart) {
    Object.assign(this, { player, onStart });
    this.picker = new SectionPicker($("#picker"), (start_s) => this.#move(start_s));
    this.#suggested.addEventListener("click", () => this.#suggest());
    player.video.addEventListener("loadedmetadata", () => this.#result && this.#show());
    player.addEventListener("time", () => this.picker.head(this.player.isPlaying ? player.audio.currentTime : null));
  }

  get result() {
    return this.#result;
  }

  get start_s() {
    return this.picker.start_s;
  }

  get end_s() {
    return Math.min(this.#result.track.duration_s, this.start_s + this.player.duration_s);
  }

  /** Puts a track on; `start_s` where one was pointed at, else what was chosen before, else the suggestion. */
  put(result, start_s) {
    this.#result = result;
    if (start_s !== undefined) this.#starts.set(result.track.id, start_s);
    $("#deck").hidden = false;
    $("#deck-title").textContent = nameOf(result.track);
    $("#deck-artist").textContent = result.track.artist ?? "Unknown artist";
    $("#why-track").hidden = !result.reasons.length;
    fill($("#why-track ul"), result.reasons.map(({ detail }) => el("li", {}, detail)));
    this.#show();
    this.player.load(result.track, this.start_s);
  }

  clear() {
    this.#result = null;
    this.#starts.clear();
    $("#deck").hidden = true;
  }

  #show() {
    const { track } = this.#result;
    const start_s = this.#starts.get(track.id) ?? this.#suggestion();
    this.picker.show(track, this.player.duration_s || this.#sectionLength(), start_s);
    this.#write();
  }

  #write() {
    const { track } = this.#result;
    const loops = this.player.duration_s > track.duration_s - this.start_s;
    $("#deck-part").textContent = `${clock(this.start_s, 1)}–${clock(this.end_s, 1)}${loops ? ", then again" : ""}`;
    this.#suggested.classList.toggle("gone", !this.#starts.has(track.id));
  }

  #move(start_s) {
    this.#starts.set(this.#result.track.id, start_s);
    this.#write();
    this.player.setStart(start_s);
    this.onStart();
  }

  #suggest() {
    this.#starts.delete(this.#result.track.id);
    this.#show();
    this.player.setStart(this.start_s);
    this.onStart();
    this.picker.element.focus();
  }

  #suggestion() {
    return this.#result.section?.start_s ?? 0;
  }

  #sectionLength() {
    const { section } = this.#result;
    return section ? section.end_s - section.start_s : 0;
  }
}

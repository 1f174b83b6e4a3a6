/** A track of the library as a row: heard, opened, deleted, and each of its fields edited where it stands. */

import { call } from "./api.js";
import { el, icon, iconButton, setIcon } from "./dom.js";
import { clock, nameOf } from "./format.js";
import { TrackField } from "./track-field.js";

const FIELDS = { title: "Title", artist: "Artist", genre: "Genre", moods: "Moods", license: "Licence", bpm: "BPM" };

export class TrackRow {
  #saving = Promise.resolve();
  #isOn = false;

  /** `on.play(track)`, `on.details(track)`, `on.delete(row)`, `on.edited(track)` once a field is stored. */
  constructor(track, { mayEdit, on }) {
    Object.assign(this, { track, on });
    this.button = el("button", { type: "button", class: "round", onclick: () => on.play(this.track) }, icon("play"));
    this.details = iconButton("more", "", () => on.details(this.track));
    this.bin = mayEdit && iconButton("bin", "", () => on.delete(this));
    this.fields = Object.keys(FIELDS).map((name) => this.#field(name, mayEdit));
    this.element = el("li", { class: "track" }, this.button, this.fields.map(({ input }) => input), el("span", { class: "length" }, clock(track.duration_s)),
      el("div", { class: "row-acts" }, this.details, this.bin));
    this.#label();
  }

  /** Takes what the server has of the track now. */
  take(track) {
    if (track === this.track) return;
    this.track = track;
    for (const field of this.fields) field.settle();
    this.#label();
  }

  /** Whether it is the one that is heard, and whether it plays. */
  mark(isCurrent, isOn) {
    this.#isOn = isOn;
    this.element.classList.toggle("current", isCurrent);
    setIcon(this.button, isOn ? "pause" : "play");
    this.#label();
  }

  #field(name, mayEdit) {
    const properties = {
      placeholder: name === "title" ? this.track.file_name : "–", readonly: !mayEdit,
      inputmode: name === "bpm" && "decimal", list: ["genre", "license"].includes(name) && `known-${name}`,
    };
    return new TrackField(name, { id: `${this.track.id}-${name}`, stored: () => this.track, save: (value) => this.#save({ [name]: value }), properties });
  }

  /** One after another, so that the last answer tells of all that were stored. */
  #save(json) {
    const saved = this.#saving.then(() => call("PATCH", `/music/${this.track.id}`, { json })).then((track) => {
      this.take(track);
      this.on.edited(track);
    });
    // Whoever waits for it hears of a failure; the next one is sent all the same.
    this.#saving = saved.catch(() => {});
    return saved;
  }

  #label() {
    const name = nameOf(this.track);
    this.button.setAttribute("aria-label", `${this.#isOn ? "Pause" : "Play"} ${name}`);
    for (const field of this.fields) field.input.setAttribute("aria-label", `${FIELDS[field.name]} of ${name}`);
    for (const [act, button] of [["Details of", this.details], ["Delete", this.bin]]) {
      for (const attribute of button ? ["title", "aria-label"] : []) button.setAttribute(attribute, `${act} ${name}`);
    }
  }
}

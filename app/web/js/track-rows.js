/** The tracks of the library as rows whose fields are edited where they stand. */

import { call } from "./api.js";
import { $, el, fill, icon, iconButton, setIcon } from "./dom.js";
import { clock, nameOf, wordsOf } from "./format.js";
import { announce, toast, toastProblem } from "./notices.js";

const FIELDS = [["title", "Title"], ["artist", "Artist"], ["genre", "Genre"], ["moods", "Moods"], ["license", "Licence"], ["bpm", "BPM"]];
const SAVED_MS = 1200;

/** `on.play(track)`, `on.details(track)`, `on.gone(track)` and `on.restored(track)` after a deletion and its undoing. */
export class TrackRows {
  #rows = new Map();
  #playing = { id: null, isOn: false };
  mayEdit = true;

  constructor(element, on) {
    Object.assign(this, { element, on });
  }

  /** Shows these, in this order; rows that are there already stay as they are. */
  show(tracks) {
    const rows = tracks.map((track) => this.#rows.get(track.id) ?? this.#row(track));
    this.#rows = new Map(tracks.map((track, at) => [track.id, rows[at]]));
    fill(this.element, rows.map((row) => row.element));
  }

  clear() {
    this.#rows.clear();
    fill(this.element);
  }

  /** Takes what the server has of a track now. */
  update(track) {
    const row = this.#rows.get(track.id);
    if (!row) return;
    row.track = track;
    for (const [name] of FIELDS) row.inputs[name].value = written(track, name);
  }

  /** Says which track is heard, and whether it plays. */
  mark(id, isOn) {
    for (const each of [this.#playing.id, id]) if (this.#rows.has(each)) this.#markRow(this.#rows.get(each), each === id, each === id && isOn);
    this.#playing = { id, isOn };
  }

  isNew(id) {
    this.#rows.get(id)?.element.classList.add("new");
  }

  #row(track) {
    const button = el("button", { type: "button", class: "round", "aria-label": `Play ${nameOf(track)}`, onclick: () => this.on.play(row.track) }, icon("play"));
    const row = { track, button, inputs: {} };
    for (const [name, label] of FIELDS) row.inputs[name] = this.#input(row, name, label);
    row.element = el("li", { class: "track" }, button, ...Object.values(row.inputs), el("span", { class: "length" }, clock(track.duration_s)),
      el("div", { class: "row-acts" },
        iconButton("more", `Details of ${nameOf(track)}`, () => this.on.details(row.track)),
        this.mayEdit && iconButton("bin", `Delete ${nameOf(track)}`, () => this.#delete(row))));
    if (track.id === this.#playing.id) this.#markRow(row, true, this.#playing.isOn);
    return row;
  }

  #input(row, name, label) {
    const { track } = row;
    return el("input", {
      class: `cell ${name}`, value: written(track, name), "aria-label": `${label} of ${nameOf(track)}`, placeholder: name === "title" ? track.file_name : "–",
      autocomplete: "off", spellcheck: "false", readonly: !this.mayEdit, inputmode: name === "bpm" && "decimal", list: ["genre", "license"].includes(name) && `known-${name}`,
      onchange: (event) => this.#save(row, name, event.target),
      onkeydown: (event) => this.#key(event, row, name),
    });
  }

  #key(event, row, name) {
    if (event.key === "Enter") event.target.blur();
    if (event.key === "Escape") {
      event.target.value = written(row.track, name);
      event.target.blur();
    }
  }

  async #save(row, name, input) {
    if (input.value.trim() === written(row.track, name)) return;
    try {
      const track = await call("PATCH", `/music/${row.track.id}`, { json: { [name]: meant(name, input.value) } });
      this.update(track);
      input.classList.add("saved");
      setTimeout(() => input.classList.remove("saved"), SAVED_MS);
      announce("Saved");
      this.on.edited(track);
    } catch (error) {
      input.value = written(row.track, name);
      toastProblem(error);
    }
  }

  async #delete(row) {
    const { track } = row;
    const neighbour = row.element.nextElementSibling ?? row.element.previousElementSibling;
    try {
      await call("DELETE", `/music/${track.id}`);
    } catch (error) {
      toastProblem(error);
      return;
    }
    if (row.element.contains(document.activeElement) || document.activeElement === document.body) $("[aria-label^=Delete]", neighbour ?? document)?.focus();
    this.on.gone(track);
    toast(`Deleted “${nameOf(track)}”.`, { undo: () => this.#restore(track) });
  }

  async #restore(track) {
    try {
      this.on.restored(await call("POST", `/music/${track.id}/restore`), track);
      announce(`${nameOf(track)} is back`);
    } catch (error) {
      toastProblem(error);
    }
  }

  #markRow({ element, button, track }, isCurrent, isOn) {
    element.classList.toggle("current", isCurrent);
    setIcon(button, isOn ? "pause" : "play");
    button.setAttribute("aria-label", `${isOn ? "Pause" : "Play"} ${nameOf(track)}`);
  }
}

/** A field as it is written in its box. */
export function written(track, name) {
  const value = track[name];
  if (Array.isArray(value)) return value.join(", ");
  return value == null ? "" : String(typeof value === "number" ? Math.round(value * 10) / 10 : value);
}

/** What somebody wrote, as the API takes it; an emptied field is cleared. */
export function meant(name, text) {
  if (name === "moods" || name === "keywords") return wordsOf(text);
  const trimmed = text.trim();
  if (!trimmed) return null;
  return name === "bpm" ? Number(trimmed.replace(",", ".")) || trimmed : trimmed;
}

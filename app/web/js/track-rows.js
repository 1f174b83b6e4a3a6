/** The tracks of the library as rows. A row stays the same element for as long as its track is listed. */

import { call } from "./api.js";
import { arrange } from "./arrange.js";
import { $, fill } from "./dom.js";
import { nameOf } from "./format.js";
import { announce, toast, toastProblem } from "./notices.js";
import { TrackRow } from "./track-row.js";

/** `on.play(track)`, `on.details(track)`, `on.edited(track)`, `on.gone(track)` and `on.restored(track)` after a deletion and its undoing. */
export class TrackRows {
  #rows = new Map();
  #playing = { id: null, isOn: false };
  mayEdit = true;

  constructor(element, on) {
    Object.assign(this, { element, on: { ...on, delete: (row) => this.#delete(row) } });
  }

  /** Shows these, in this order, as the server has them now; nobody's typing is disturbed. */
  show(tracks) {
    const rows = tracks.map((track) => this.#rows.get(track.id) ?? this.#row(track));
    rows.forEach((row, at) => row.take(tracks[at]));
    this.#rows = new Map(tracks.map((track, at) => [track.id, rows[at]]));
    arrange(this.element, rows.map((row) => row.element));
  }

  clear() {
    this.#rows.clear();
    fill(this.element);
  }

  /** Takes what the server has of a track now. */
  update(track) {
    this.#rows.get(track.id)?.take(track);
  }

  /** Says which track is heard, and whether it plays. */
  mark(id, isOn) {
    for (const each of [this.#playing.id, id]) this.#rows.get(each)?.mark(each === id, each === id && isOn);
    this.#playing = { id, isOn };
  }

  isNew(id) {
    this.#rows.get(id)?.element.classList.add("new");
  }

  focus(id) {
    this.#rows.get(id)?.button.focus();
  }

  #row(track) {
    const row = new TrackRow(track, { mayEdit: this.mayEdit, on: this.on });
    if (track.id === this.#playing.id) row.mark(true, this.#playing.isOn);
    return row;
  }

  async #delete(row) {
    const { track } = row;
    try {
      await call("DELETE", `/music/${track.id}`);
    } catch (error) {
      toastProblem(error);
      return;
    }
    const neighbour = row.element.nextElementSibling ?? row.element.previousElementSibling;
    this.on.gone(track);
    // The focus went with the row, unless somebody is elsewhere by now.
    if (document.activeElement === document.body) ($("[aria-label^=Delete]", neighbour ?? $("#library")) ?? $("#library")).focus();
    toast(`Deleted “${nameOf(track)}”.`, { undo: () => this.#restore(track) });
  }

  async #restore(track) {
    try {
      this.on.restored(await call("POST", `/music/${track.id}/restore`), track);
    } catch (error) {
      toastProblem(error);
      return;
    }
    announce(`${nameOf(track)} is back`);
    if (!document.activeElement.matches("input, select, dialog *")) this.focus(track.id);
  }
}

/** One field of a track, edited where it stands. It knows what is stored, what is under way, and what was refused. */

import { el, fill, icon } from "./dom.js";
import { wordsOf } from "./format.js";
import { announce, toastProblem } from "./notices.js";
import { said } from "./problems.js";

const SAVED_MS = 1200;

/** What somebody types is theirs: neither an answer nor a newer list changes a field that has the focus or unsaved text. */
export class TrackField {
  // A text that needs no saving; any other was typed since.
  #clean;
  // The text that is under way to the server, null where none is.
  #sent = null;
  #refusal = el("div", { class: "refusal", role: "alert" });

  /** `stored()`: the track as the server has it. `save(value)` resolves once it is stored and `stored()` tells so. */
  constructor(name, { id, stored, save, properties }) {
    Object.assign(this, { name, id, stored, save });
    this.#clean = written(stored(), name);
    this.input = el("input", {
      class: `cell ${name}`, value: this.#clean, autocomplete: "off", spellcheck: "false", ...properties,
      onchange: () => this.#send(), onblur: () => this.settle(), onkeydown: (event) => this.#key(event),
    });
  }

  /** Shows what is stored, unless somebody is at work on it. */
  settle() {
    if (this.#sent !== null || this.input.value !== this.#clean || this.input === document.activeElement) return;
    this.input.value = this.#clean = written(this.stored(), this.name);
  }

  #key({ key }) {
    if (key === "Escape") this.#putBack();
    if (key === "Escape" || key === "Enter") this.input.blur();
    // A text that was refused is sent once more as it is.
    if (key === "Enter") this.#send();
  }

  #putBack() {
    this.input.value = this.#expected;
    if (this.#sent === null) this.#clean = this.input.value;
    this.#accept();
  }

  /** What the server will have once all that is under way has arrived. */
  get #expected() {
    return this.#sent ?? written(this.stored(), this.name);
  }

  async #send() {
    const text = this.input.value;
    if (text.trim() === this.#expected.trim()) return;
    this.#sent = text;
    try {
      await this.save(meant(this.name, text));
      this.#saved(text);
    } catch (error) {
      // A newer text is on its way already and will have its own answer.
      if (this.#sent !== text) return;
      this.#sent = null;
      this.#refuse(error);
    }
  }

  #saved(text) {
    if (this.#sent === text) this.#sent = null;
    if (this.input.value === text) this.#clean = text;
    this.#accept();
    this.settle();
    this.input.classList.add("saved");
    setTimeout(() => this.input.classList.remove("saved"), SAVED_MS);
    announce("Saved");
  }

  #accept() {
    this.input.removeAttribute("aria-invalid");
    this.input.removeAttribute("aria-describedby");
    this.#refusal.remove();
  }

  /** The text stays, marked, with what is wrong with it and what can be done. */
  #refuse(error) {
    if (!this.input.isConnected) {
      toastProblem(error);
      return;
    }
    const { what, todo } = said(error);
    const act = (label, onclick) => el("button", { type: "button", class: "quiet", onclick: () => { this.input.focus(); onclick(); } }, label);
    this.input.setAttribute("aria-invalid", "true");
    this.input.setAttribute("aria-describedby", `${this.id}-refusal`);
    fill(this.#refusal,
      el("p", { id: `${this.id}-refusal` }, icon("alert"), el("strong", {}, "Not saved. ", what), " ", todo, " ", el("code", {}, error.code)),
      el("div", { class: "acts" }, act("Try again", () => this.#send()), act("Put back what was there", () => this.#putBack())));
    this.input.parentElement.append(this.#refusal);
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

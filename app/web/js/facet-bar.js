/** The filters as the page shows them: moods as chips, the rest in small panels, all with counts. */

import { get } from "./api.js";
import { $, el, fill, icon } from "./dom.js";

const GROUPS = { mood: "Mood", genre: "Genre", license: "Licence", artist: "Artist" };
const MOODS_AT_HAND = 10;
const TEMPI = [["Slow", "", 90], ["Medium", 90, 120], ["Fast", 120, ""]];
const LENGTHS = [["Up to 1 min", "", 60], ["1 to 3 min", 60, 180], ["Over 3 min", 180, ""]];
const VOICES = { vocals: [["false", "Instrumental"], ["true", "With vocals"]], explicit: [["false", "Not explicit"], ["true", "Explicit"]] };
const SPARED = [["", "Any number"], ["1", "One"], ["2", "Two"], ["3", "Three"]];

/** Shows `filters` in `element`. `withShaping`: also how many tracks of one artist a ranking may have. */
export class FacetBar {
  #facets = null;
  #turn = 0;
  #panels = {};

  constructor(element, filters, { withShaping = false } = {}) {
    Object.assign(this, { element, filters, withShaping });
    this.#build();
    filters.addEventListener("change", () => this.#render());
    // What was clicked may have been made anew meanwhile; the way that the click took is still known.
    document.addEventListener("click", (event) => this.#closeAllBut(event.composedPath().find((each) => each.localName === "details")));
    element.addEventListener("keydown", (event) => event.key === "Escape" && this.#escape(event));
  }

  /** Asks for the counts anew. Without an answer the bar stays as it was. */
  async refresh() {
    const turn = ++this.#turn;
    const facets = await get("/music/facets", this.filters.narrowing());
    if (turn !== this.#turn) return;
    this.#facets = facets;
    this.#render();
  }

  get facets() {
    return this.#facets;
  }

  #build() {
    const panel = (name, label) => {
      const body = el("div", { class: "panel" });
      const summary = el("summary", {}, el("span", {}, label), el("b"), icon("down"));
      this.#panels[name] = { body, summary };
      return el("details", { class: "facet", name: `${this.element.id}-facet` }, summary, body);
    };
    this.clearButton = el("button", { type: "button", class: "quiet clear", onclick: () => this.filters.clear() }, "Clear filters");
    this.moods = el("div", { class: "chips strip", role: "group", "aria-label": "Moods" });
    const panels = [
      panel("mood", "Mood"), panel("genre", "Genre"), panel("bpm", "Tempo"), panel("duration", "Length"),
      panel("license", "Licence"), panel("voice", "Vocals"), panel("artist", "Artist"),
    ];
    fill(this.element, this.moods, el("div", { class: "panels" }, ...panels, this.clearButton));
    this.#buildRange("bpm", ["Tempo", "BPM"], 1, TEMPI);
    this.#buildRange("duration", ["Length", "minutes"], 60, LENGTHS);
  }

  /** Numbers are written in `unit`, of which one is `scale` of the API's. */
  #buildRange(name, [label, unit], scale, presets) {
    const input = (end) => el("input", {
      type: "number", min: 0, step: "any", inputmode: "decimal", "aria-label": `${label}, ${end === "min" ? "from" : "to"}, in ${unit}`, onchange: () => apply(),
    });
    const inputs = { min: input("min"), max: input("max") };
    const number = (end) => (inputs[end].value === "" ? "" : Math.round(Math.max(0, inputs[end].value) * scale * 10) / 10);
    const apply = () => {
      // Written the wrong way round they are meant the right way.
      const [min, max] = number("min") !== "" && number("max") !== "" && number("min") > number("max") ? ["max", "min"] : ["min", "max"];
      this.filters.set({ [`${name}_min`]: number(min), [`${name}_max`]: number(max) });
    };
    const chips = presets.map(([label, min, max]) => this.#chip(label, null, () => {
      const isSet = this.#rangeIs(name, min, max);
      this.filters.set({ [`${name}_min`]: isSet ? "" : min, [`${name}_max`]: isSet ? "" : max });
    }));
    fill(this.#panels[name].body,
      el("div", { class: "chips" }, chips),
      el("div", { class: "range" }, ...["min", "max"].map((end) => (
        el("label", {}, el("span", { "aria-hidden": "true" }, end === "min" ? "From" : "to"), inputs[end])
      )), el("span", { "aria-hidden": "true" }, unit)));
    Object.assign(this.#panels[name], { inputs, chips, presets, scale });
  }

  #rangeIs(name, min, max) {
    return (this.filters.get(`${name}_min`) ?? "") === String(min) && (this.filters.get(`${name}_max`) ?? "") === String(max);
  }

  #render() {
    if (!this.#facets) return;
    const focused = this.element.contains(document.activeElement) ? document.activeElement : null;
    const place = focused?.closest("details, .strip");
    fill(this.moods, this.#values("mood").filter((chip, at) => at < MOODS_AT_HAND || chip.getAttribute("aria-pressed") === "true"));
    for (const name of Object.keys(GROUPS)) fill(this.#panels[name].body, this.#groupOf(name));
    fill(this.#panels.voice.body, ...Object.keys(VOICES).map((name) => el("div", { class: "chips" }, this.#flag(name))));
    this.#renderRange("bpm", this.#facets.bpm);
    this.#renderRange("duration", this.#facets.duration_s);
    for (const name of ["mood", "genre", "bpm", "duration", "license", "artist"]) this.#mark(name, this.filters.count(name));
    this.#mark("voice", this.filters.count("vocals") + this.filters.count("explicit"));
    this.clearButton.classList.toggle("gone", this.filters.isEmpty);
    if (focused && !this.element.contains(focused)) this.#focus(place, focused.dataset.key);
    else if (focused === this.clearButton && this.filters.isEmpty) $("summary", this.element).focus();
  }

  /** Chips are made anew at each change; the focus goes to the one that says the same in the same place, or near it. */
  #focus(place, key) {
    const same = [...place.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
    (same ?? $("summary, .chip", place))?.focus({ preventScroll: true });
  }

  #groupOf(name) {
    const values = this.#values(name);
    const chips = el("div", { class: "chips", role: "group", "aria-label": GROUPS[name] }, values);
    if (!values.length) return el("p", { class: "hint" }, "No track here says so.");
    return name === "artist" && this.withShaping ? [this.#perArtist(), chips] : chips;
  }

  #perArtist() {
    const options = SPARED.map(([value, label]) => el("option", { value, selected: (this.filters.get("per_artist") ?? "") === value }, label));
    return el("label", { class: "range" }, "Of one artist", el("select", { "data-key": "per artist", onchange: (event) => this.filters.set({ per_artist: event.target.value }) }, options));
  }

  #values(name) {
    const shown = this.#facets[name].filter(({ value, count }) => count || this.filters.has(name, value));
    const unseen = this.filters.params().getAll(name).filter((value) => !shown.some((each) => each.value === value));
    return [...shown, ...unseen.map((value) => ({ value, count: 0 }))].map(({ value, count }) => (
      this.#chip(value, count, () => this.filters.toggle(name, value), this.filters.has(name, value))));
  }

  #flag(name) {
    return VOICES[name].map(([value, label]) => {
      const count = this.#facets[name].find((each) => String(each.value) === value)?.count ?? 0;
      const isSet = this.filters.get(name) === value;
      return this.#chip(label, count, () => this.filters.set({ [name]: isSet ? "" : value }), isSet);
    });
  }

  #renderRange(name, extent) {
    const { inputs, chips, presets, scale } = this.#panels[name];
    const written = (value) => (value == null || value === "" ? "" : String(Math.round((value / scale) * 10) / 10));
    for (const end of ["min", "max"]) {
      inputs[end].placeholder = written(extent?.[end]);
      if (document.activeElement !== inputs[end]) inputs[end].value = written(this.filters.get(`${name}_${end}`));
    }
    presets.forEach(([, min, max], at) => chips[at].setAttribute("aria-pressed", this.#rangeIs(name, min, max)));
  }

  #chip(label, count, onclick, isSet = false) {
    return el("button", { type: "button", class: "chip", "aria-pressed": String(isSet), "data-key": label, onclick },
      label, count !== null && el("span", { class: "n" }, count.toLocaleString("en"), el("span", { class: "unseen" }, count === 1 ? " track" : " tracks")));
  }

  #mark(name, count) {
    const { summary } = this.#panels[name];
    summary.classList.toggle("set", count > 0);
    $("b", summary).textContent = count || "";
  }

  #closeAllBut(open) {
    for (const details of this.element.querySelectorAll("details[open]")) if (details !== open) details.open = false;
  }

  #escape(event) {
    const open = event.target.closest("details[open]");
    if (!open) return;
    open.open = false;
    $("summary", open).focus();
  }
}

/** The library: what is in it, narrowed and ordered, edited and heard; and what comes into it. */

import { get } from "./api.js";
import { Arrivals } from "./arrivals.js";
import { $, debounced, el, fill } from "./dom.js";
import { FacetBar } from "./facet-bar.js";
import { Filters } from "./filters.js";
import { showImport } from "./folder-import.js";
import { many, nameOf } from "./format.js";
import { toastProblem } from "./notices.js";
import { PreviewBar } from "./preview-bar.js";
import { problemCard } from "./problems.js";
import { skeletonRows } from "./results.js";
import { note } from "./router.js";
import { showDetails } from "./track-details.js";
import { TrackRows } from "./track-rows.js";

const PAGE = 50;
const TYPING_MS = 250;
const COUNTING_MS = 120;
const ORDERS = {
  newest: { label: "Newest first" },
  title: { label: "Title", key: (track) => nameOf(track).toLowerCase() },
  artist: { label: "Artist", key: (track) => (track.artist ?? "\uffff").toLowerCase() },
  bpm: { label: "Tempo", key: (track) => track.bpm ?? Infinity },
  duration_s: { label: "Length", key: (track) => track.duration_s },
};

export class Library {
  #tracks = [];
  #next = null;
  #asking = new AbortController();
  #isOpen = false;
  #refreshBar;
  filters = new Filters(["q"]);

  constructor(session, { onChanged }) {
    Object.assign(this, { session, onChanged });
    this.bar = new FacetBar($("#library-facets"), this.filters);
    this.#refreshBar = debounced(() => this.bar.refresh().then(() => this.#lead(), toastProblem), COUNTING_MS);
    this.preview = new PreviewBar($("#listen"));
    this.rows = new TrackRows($("#rows"), {
      play: (track) => this.preview.play(track),
      details: (track) => this.#details(track),
      edited: (track) => this.#edited(track),
      gone: (track) => this.#gone(track),
      restored: (track, before) => this.#restored(track, before),
    });
    this.arrivals = new Arrivals($("#arrivals"), (track) => this.#arrived(track));
    this.#listen();
    this.#allow();
  }

  open(params) {
    if (!this.#isOpen) {
      this.filters.read(params);
      $("#query").value = this.filters.get("q") ?? "";
      this.#isOpen = true;
    }
    this.#noteRoute();
    return this.#load();
  }

  /** Files that were dropped or picked. */
  add(files) {
    if (files.length) this.arrivals.add(files);
  }

  #listen() {
    for (const input of [$("#music-files"), $("#music-folder")]) {
      input.addEventListener("change", () => { this.add([...input.files]); input.value = ""; });
    }
    $("#import-open").addEventListener("click", () => showImport(debounced(() => { this.#load(); this.#changed(); }, 500)));
    $("#query").addEventListener("input", debounced(() => this.filters.set({ q: $("#query").value.trim() }), TYPING_MS));
    fill($("#sort"), Object.entries(ORDERS).map(([value, { label }]) => el("option", { value }, label)));
    $("#sort").addEventListener("change", () => this.#render());
    this.filters.addEventListener("change", () => { this.#noteRoute(); this.#load(); });
    this.preview.addEventListener("change", () => this.rows.mark(this.preview.track?.id, this.preview.isPlaying));
    this.session.addEventListener("change", () => this.#allow());
    addEventListener("hashchange", () => $("#library").hidden && this.preview.pause());
    new IntersectionObserver(([entry]) => entry.isIntersecting && $("#load-more")?.click(), { rootMargin: "600px" }).observe($("#rows-end"));
  }

  #allow() {
    const mayEdit = this.session.may("manage");
    $("#add-music").hidden = !mayEdit;
    $("#read-only").hidden = mayEdit;
    if (this.rows.mayEdit === mayEdit) return;
    this.rows.mayEdit = mayEdit;
    this.rows.clear();
    this.#render();
  }

  async #load() {
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#refreshBar();
    if (!this.#tracks.length) fill($("#rows-end"), skeletonRows(6));
    try {
      const { items, next_cursor: next } = await get("/music", this.filters.params({ limit: PAGE }), this.#asking.signal);
      this.#tracks = items;
      this.#next = next;
      this.#render();
    } catch (error) {
      if (error.name !== "AbortError") fill($("#rows-end"), problemCard(error, { retry: () => this.#load() }));
    }
  }

  async #more(button) {
    button.disabled = true;
    try {
      const { items, next_cursor: next } = await get("/music", this.filters.params({ limit: PAGE, cursor: this.#next }), this.#asking.signal);
      const known = new Set(this.#tracks.map((track) => track.id));
      this.#tracks.push(...items.filter((track) => !known.has(track.id)));
      this.#next = next;
      this.#render();
    } catch (error) {
      if (error.name !== "AbortError") fill($("#rows-end"), problemCard(error, { retry: () => this.#more(button) }));
    }
  }

  #render() {
    const { key, label } = ORDERS[$("#sort").value] ?? ORDERS.newest;
    const shown = key ? [...this.#tracks].sort((one, other) => compared(key(one), key(other))) : this.#tracks;
    this.rows.show(shown);
    $("#sorted").textContent = key && this.#next ? `Ordered by ${label.toLowerCase()} among the ${this.#tracks.length} tracks loaded so far; the server’s own order is newest first.` : "";
    this.#renderEnd();
    this.#lead();
  }

  #renderEnd() {
    const more = el("button", { type: "button", id: "load-more", onclick: (event) => this.#more(event.currentTarget) }, "Load more");
    const isNarrowed = !this.filters.isEmpty || this.filters.get("q");
    const nothing = this.#tracks.length ? null : isNarrowed ? this.#noMatch() : this.#empty();
    fill($("#rows-end"), this.#next ? more : nothing);
    $("#library").classList.toggle("bare", !this.#tracks.length && !isNarrowed);
  }

  #lead() {
    const { total } = this.bar.facets ?? {};
    if (total === undefined) return;
    for (const name of ["genre", "license"]) fill($(`#known-${name}`), this.bar.facets[name].map(({ value }) => el("option", { value })));
    const isNarrowed = !this.filters.isEmpty || this.filters.get("q");
    const matching = `${many(total, "track")} ${total === 1 ? "matches" : "match"}`;
    const whole = total && this.session.may("manage") ? `${many(total, "track")}. Click a field to change it.` : many(total, "track");
    $("#library-lead").textContent = isNarrowed ? matching : whole;
  }

  #noMatch() {
    const clear = () => { $("#query").value = ""; this.filters.set({ q: "" }); this.filters.clear(); };
    return el("div", { class: "empty" }, el("p", {}, "No track matches."), el("button", { type: "button", onclick: clear }, "Clear search and filters"));
  }

  #empty() {
    const mayEdit = this.session.may("manage");
    return el("div", { class: "empty first" }, el("h2", {}, "No music here yet"),
      el("p", {}, mayEdit ? "Drop files or whole folders anywhere on this page. Titles, artists and genres are read from them; tempo and loudness are measured." : "Whoever runs the server can add some."),
      mayEdit && el("p", { class: "hint" }, "To try it out first, run ", el("code", {}, "make demo"), " on the server: it composes 48 free tracks."));
  }

  #details(track) {
    showDetails(track, { mayEdit: this.session.may("manage"), onSaved: (saved) => { this.rows.update(saved); this.#edited(saved); } });
  }

  #edited(track) {
    this.#tracks = this.#tracks.map((each) => (each.id === track.id ? track : each));
    this.#changed();
  }

  #gone(track) {
    if (this.preview.track?.id === track.id) this.preview.stop();
    track.place = this.#tracks.findIndex((each) => each.id === track.id);
    this.#tracks = this.#tracks.filter((each) => each.id !== track.id);
    this.#render();
    this.#changed();
  }

  #restored(track, { place }) {
    this.#tracks.splice(place, 0, track);
    this.#render();
    this.#changed();
  }

  #arrived(track) {
    this.#tracks = [track, ...this.#tracks.filter((each) => each.id !== track.id)];
    this.#render();
    this.rows.isNew(track.id);
    this.#changed();
  }

  #changed() {
    this.#refreshBar();
    this.onChanged();
  }

  #noteRoute() {
    note("library", this.filters.params());
    $("nav a:last-of-type").href = `#library${String(this.filters.params()) && `?${this.filters.params()}`}`;
  }
}

const compared = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

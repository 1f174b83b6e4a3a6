/** The library: what is in it, narrowed and ordered, edited and heard; and what comes into it. */

import { Arrivals } from "./arrivals.js";
import { $, debounced, el, fill } from "./dom.js";
import { FacetBar } from "./facet-bar.js";
import { Filters } from "./filters.js";
import { showImport } from "./folder-import.js";
import { many } from "./format.js";
import { LoadedTracks } from "./loaded-tracks.js";
import { toastProblem } from "./notices.js";
import { PreviewBar } from "./preview-bar.js";
import { note } from "./router.js";
import { RowsEnd } from "./rows-end.js";
import { showDetails } from "./track-details.js";
import { ORDERS, ordered } from "./track-orders.js";
import { TrackRows } from "./track-rows.js";

const TYPING_MS = 250;
const COUNTING_MS = 120;
const CHANGING_MS = 500;

export class Library {
  #arrived = [];
  #isOpen = false;
  #refreshBar;
  #refresh;
  filters = new Filters(["q"]);

  constructor(session, { onChanged }) {
    Object.assign(this, { session, onChanged, tracks: new LoadedTracks(this.filters) });
    this.bar = new FacetBar($("#library-facets"), this.filters);
    this.#refreshBar = debounced(() => this.bar.refresh().then(() => this.#lead(), toastProblem), COUNTING_MS);
    this.#refresh = debounced(() => this.#settle(this.tracks.refresh(), toastProblem), CHANGING_MS);
    this.preview = new PreviewBar($("#listen"));
    this.rows = new TrackRows($("#rows"), {
      play: (track) => this.preview.play(track),
      details: (track) => this.#details(track),
      edited: (track) => this.#edited(track),
      gone: (track) => this.#gone(track),
      restored: (track, before) => this.#restored(track, before),
    });
    this.end = new RowsEnd($("#rows-end"), $("#rows"), {
      onMore: () => this.#settle(this.tracks.more(), (error) => this.end.showProblem(error)),
      onClear: () => { $("#query").value = ""; this.filters.set({ q: "" }); this.filters.clear(); },
    });
    this.arrivals = new Arrivals($("#arrivals"), (track) => this.#arrives(track));
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
    $("#import-open").addEventListener("click", () => showImport(debounced(() => { this.#refresh(); this.#changed(); }, CHANGING_MS)));
    $("#query").addEventListener("input", debounced(() => this.filters.set({ q: $("#query").value.trim() }), TYPING_MS));
    fill($("#sort"), Object.entries(ORDERS).map(([value, { label }]) => el("option", { value }, label)));
    $("#sort").addEventListener("change", () => this.#render());
    this.filters.addEventListener("change", () => { this.#noteRoute(); this.#load(); });
    this.preview.addEventListener("change", () => this.rows.mark(this.preview.track?.id, this.preview.isPlaying));
    this.session.addEventListener("change", () => this.#allow());
    addEventListener("hashchange", () => $("#library").hidden && this.preview.pause());
  }

  #allow() {
    const mayEdit = Boolean(this.#mayEdit);
    $("#add-music").hidden = !mayEdit;
    $("#read-only").hidden = this.#mayEdit !== false;
    if (this.rows.mayEdit === mayEdit) return;
    this.rows.mayEdit = mayEdit;
    this.rows.clear();
    this.#render();
  }

  /** Undefined until the server has said who we are. */
  get #mayEdit() {
    return this.session.may("recommend") ? this.session.may("manage") : undefined;
  }

  #load() {
    this.#refreshBar();
    if (!this.tracks.items.length) this.end.showWaiting();
    return this.#settle(this.tracks.load(), (error) => this.end.showProblem(error, () => this.#load()));
  }

  /** Shows the list once it has changed. */
  async #settle(changing, onError) {
    try {
      await changing;
      this.#render();
    } catch (error) {
      if (error.name !== "AbortError") onError(error);
    }
  }

  #render() {
    const order = ORDERS[$("#sort").value];
    const { items, next, isNarrowed, isLoaded } = this.tracks;
    this.rows.show(ordered(items, order));
    $("#sorted").textContent = order.key && next ? `Ordered by ${order.label.toLowerCase()} among the ${items.length} tracks loaded so far; the server’s own order is newest first.` : "";
    this.#lead();
    if (!isLoaded) return;
    this.end.show(this.tracks, this.#mayEdit);
    $("#library").classList.toggle("bare", !items.length && !isNarrowed);
  }

  #lead() {
    const { total } = this.bar.facets ?? {};
    if (total === undefined) return;
    for (const name of ["genre", "license"]) fill($(`#known-${name}`), this.bar.facets[name].map(({ value }) => el("option", { value })));
    const narrowed = total === 1 ? " matches" : " match";
    const whole = total && this.#mayEdit ? ". Click a field to change it." : "";
    $("#library-lead").textContent = many(total, "track") + (this.tracks.isNarrowed ? narrowed : whole);
  }

  #details(track) {
    showDetails(track, { mayEdit: this.#mayEdit, onSaved: (saved) => { this.rows.update(saved); this.#edited(saved); } });
  }

  #edited(track) {
    this.tracks.replace(track);
    this.#changed();
  }

  #gone(track) {
    if (this.preview.track?.id === track.id) this.preview.stop();
    track.place = this.tracks.remove(track);
    this.#render();
    this.#changed();
  }

  #restored(track, { place }) {
    this.tracks.putBack(track, place);
    this.#render();
    this.#changed();
  }

  /** Many may arrive within a moment: they are listed together when the page is drawn next. */
  #arrives(track) {
    if (this.#arrived.push(track) === 1) requestAnimationFrame(() => this.#list(this.#arrived.splice(0).reverse()));
  }

  /** Whether a track matches a search or a filter only the server knows. */
  #list(tracks) {
    this.#changed();
    if (this.tracks.isNarrowed) {
      this.#refresh();
      return;
    }
    this.tracks.putFirst(tracks);
    this.#render();
    for (const { id } of tracks) this.rows.isNew(id);
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

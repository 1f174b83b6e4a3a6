/** The tracks of the library that are loaded so far, in the server's order, newest first. Knows no page. */

import { get } from "./api.js";

const PAGE = 50;

export class LoadedTracks {
  #asking = new AbortController();
  items = [];
  // Where the server goes on, null at the end.
  next = null;
  isLoaded = false;

  constructor(filters) {
    this.filters = filters;
  }

  /** Whether some of the library may be left out. */
  get isNarrowed() {
    return !this.filters.isEmpty || Boolean(this.filters.get("q"));
  }

  /** The first page, in place of all that was. Ends what was asked before, which fails with AbortError. */
  async load() {
    this.#stopAsking();
    this.#begin(await this.#page());
  }

  /** The next page; returns what it brought. */
  async more() {
    const { items, next_cursor: next } = await this.#page({ cursor: this.next });
    const fresh = this.#unknown(items);
    this.items = [...this.items, ...fresh];
    this.next = next;
    return fresh;
  }

  /** The first page anew. What was loaded after it stays where it still follows. */
  async refresh() {
    const page = await this.#page();
    const last = this.items.findIndex((track) => track.id === page.items.at(-1)?.id);
    if (last >= 0) {
      this.items = [...page.items, ...this.items.slice(last + 1)];
      return;
    }
    this.#stopAsking();
    this.#begin(page);
  }

  replace(track) {
    this.items = this.items.map((each) => (each.id === track.id ? track : each));
  }

  /** @returns {object} where it was, for `putBack` */
  remove(track) {
    const place = { at: this.items.findIndex((each) => each.id === track.id), asked: String(this.filters.params()) };
    this.items = this.items.filter((each) => each.id !== track.id);
    return place;
  }

  /** Not where something else is listed by now: it may not belong there. */
  putBack(track, { at, asked }) {
    if (asked === String(this.filters.params())) this.items = this.items.toSpliced(Math.max(0, at), 0, ...this.#unknown([track]));
  }

  putFirst(tracks) {
    const known = new Set(tracks.map((track) => track.id));
    this.items = [...tracks, ...this.items.filter((track) => !known.has(track.id))];
  }

  #page(more = {}) {
    return get("/music", this.filters.params({ limit: PAGE, ...more }), this.#asking.signal);
  }

  #begin({ items, next_cursor: next }) {
    Object.assign(this, { items, next, isLoaded: true });
  }

  #stopAsking() {
    this.#asking.abort();
    this.#asking = new AbortController();
  }

  #unknown(tracks) {
    const known = new Set(this.items.map((track) => track.id));
    return tracks.filter((track) => !known.has(track.id));
  }
}

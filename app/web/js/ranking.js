/** A stored ranking: its pages, narrowed by filters, or the tracks that are like one of them. */

import { get } from "./api.js";
import { PAGE } from "./recommending.js";

const SIMILAR = 20;

/** Asks for one list at a time; a newer question makes the older one's answer void (AbortError). */
export class Ranking {
  #asking = new AbortController();

  constructor(filters) {
    this.filters = filters;
  }

  /** A page of the ranking of `id`, from `offset` on. */
  page(id, offset = 0) {
    return this.#ask(`/recommend/${id}`, this.filters.params({ limit: PAGE, offset }));
  }

  /** Tracks like this one, as results without a section; words and other shaping do not count here. */
  async similar(track) {
    const { items } = await this.#ask(`/music/${track.id}/similar`, this.filters.narrowing({ limit: SIMILAR }));
    return items.map((item, at) => ({ ...item, rank: at + 1, section: null, reasons: [] }));
  }

  /** Nobody waits for the answer any more. */
  stop() {
    this.#asking.abort();
  }

  #ask(path, params) {
    this.stop();
    this.#asking = new AbortController();
    return get(path, params, this.#asking.signal);
  }
}

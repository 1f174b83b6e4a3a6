/** What stands below the rows of the library: more of them, why there are none, or what went wrong. */

import { arrange } from "./arrange.js";
import { $, el, fill } from "./dom.js";
import { problemCard } from "./problems.js";
import { skeletonRows } from "./results.js";

const NEAR = "600px";

/** `onMore()` resolves when more rows are there; it is called too when the end comes near the window. `onClear()` widens the search. */
export class RowsEnd {
  #isLoading = false;
  #more = el("button", { type: "button", id: "load-more", onclick: () => this.#load() }, "Load more");

  constructor(element, rows, { onMore, onClear }) {
    Object.assign(this, { element, rows, onMore, onClear });
    new IntersectionObserver(([entry]) => entry.isIntersecting && this.#more.isConnected && this.#load(), { rootMargin: NEAR }).observe(element);
  }

  /** `items`, `next` and `isNarrowed` of LoadedTracks. `mayEdit`: undefined while that is not known. */
  show({ items, next, isNarrowed }, mayEdit) {
    const nothing = () => (isNarrowed ? noMatch(this.onClear) : emptyLibrary(mayEdit));
    arrange(this.element, next ? [this.#more] : items.length ? [] : [nothing()]);
  }

  showWaiting() {
    fill(this.element, skeletonRows(6));
  }

  showProblem(error, retry = () => this.#load()) {
    fill(this.element, problemCard(error, { retry }));
  }

  /** Whoever pressed the button goes on at the first row that it brought. */
  async #load() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const last = this.rows.lastElementChild;
    const isPressed = document.activeElement === this.#more;
    await this.onMore();
    if (isPressed && last.nextElementSibling) $("button", last.nextElementSibling).focus();
    this.#isLoading = false;
  }
}

function noMatch(onClear) {
  return el("div", { class: "empty" }, el("p", {}, "No track matches."), el("button", { type: "button", onclick: onClear }, "Clear search and filters"));
}

function emptyLibrary(mayEdit) {
  return el("div", { class: "empty first" }, el("h2", {}, "No music here yet"),
    mayEdit && el("p", {}, "Drop files or whole folders anywhere on this page. Titles, artists and genres are read from them; tempo and loudness are measured."),
    mayEdit && el("p", { class: "hint" }, "To try it out first, run ", el("code", {}, "make demo"), " on the server: it composes 48 free tracks."),
    mayEdit === false && el("p", {}, "Whoever runs the server can add some."));
}

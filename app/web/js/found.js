/** The list of results with all around it: filters, hint, weight of the words, more, why. */

import { FacetBar } from "./facet-bar.js";
import { $, debounced, el, fill, paintRange } from "./dom.js";
import { clock, many, nameOf } from "./format.js";
import { announce, toastProblem } from "./notices.js";
import { problemCard } from "./problems.js";
import { Ranking } from "./ranking.js";
import { ResultList, skeletonRows } from "./results.js";
import { whyThese } from "./stages.js";

const FILTER_NAMES = { mood: "mood", genre: "genre", license: "licence", artist: "artist", bpm: "tempo", duration: "length", vocals: "vocals", explicit: "lyrics" };
const SETTLED_MS = 200;
const COUNTING_MS = 120;

/** `on` is the result list's, `onNarrowed` hears when filters changed, `onLost(error)` when the ranking is gone. */
export class Found {
  #answer = null;
  #timing = {};
  #like = null;
  #refreshBar;

  constructor(filters, { onNarrowed, onLost, ...on }) {
    Object.assign(this, { filters, onLost });
    this.ranking = new Ranking(filters);
    this.list = new ResultList($("#results"), { ...on, similar: ({ track }) => this.#showLike(track) });
    this.bar = new FacetBar($("#facets"), filters, { withShaping: true });
    this.#refreshBar = debounced(() => this.bar.refresh().catch(toastProblem), COUNTING_MS);
    const ask = debounced(() => this.#ask(), SETTLED_MS);
    filters.addEventListener("change", () => { onNarrowed(); this.#refreshBar(); ask(); });
    this.#weight();
  }

  /** Shows an answer of the server; `isNew`: of another video than the one before. */
  show(answer, { isNew }) {
    this.#like = null;
    this.#timing = isNew ? answer.timing_ms : { ...this.#timing, ...answer.timing_ms };
    this.#answer = answer;
    $("#found").classList.remove("busy");
    if (isNew) this.#refreshBar();
    this.#head();
    this.list.show(answer.results);
    this.#around();
    announce(`${many(answer.total, "track")} found`);
  }

  /** The ranking is left, and whatever was asked of it. */
  clear() {
    this.#answer = this.#like = null;
    this.ranking.stop();
    this.list.show([]);
    $("#found").classList.remove("busy");
  }

  #head() {
    const { title, keywords, video, total, results } = this.#answer;
    const back = el("button", { type: "button", class: "quiet", onclick: () => this.#ask({ back: true }) }, "Back to the ranking");
    if (this.#like) {
      fill($("#found-title"), "More like ", el("q", {}, nameOf(this.#like)));
      fill($("#found-brief"), back);
      $("#weigh").hidden = true;
      return;
    }
    fill($("#found-title"), total ? `${many(total, "track")}, best first` : "No track");
    const words = [title && el("q", {}, title), keywords?.join(", ")].filter(Boolean);
    const parts = [...words, `${video.width}\u00a0×\u00a0${video.height}`, clock(video.duration_s)];
    fill($("#found-brief"), parts.flatMap((part, at) => (at ? [" · ", part] : [part])));
    $("#weigh").hidden = !words.length || !results.length;
  }

  #around() {
    const { next_offset: next, relax, results, library_size: size } = this.#answer;
    fill($("#relax"), relax && this.#hint(relax));
    const more = el("button", { type: "button", id: "show-more", onclick: () => this.#more() }, "Show more");
    const end = results.length ? null : size ? this.#nothing() : emptyLibrary();
    fill($("#results-end"), !this.#like && next !== null ? more : end);
    fill($("#why div"), whyThese(this.#answer, this.#timing));
  }

  /** One click takes back the filter that costs most. */
  #hint({ filter, would_match: would, matching }) {
    const name = FILTER_NAMES[filter.replace(/_(min|max)$/, "")] ?? filter;
    const remove = el("button", { type: "button", onclick: () => this.filters.remove(filter) }, `Remove the ${name} filter`);
    const only = matching ? `Only ${many(matching, "track")} ${matching === 1 ? "matches" : "match"}.` : "No track matches.";
    return el("p", { class: "notice" }, `${only} Without the ${name} filter it would be ${would.toLocaleString("en")}. `, remove);
  }

  #nothing() {
    const clear = el("button", { type: "button", onclick: () => this.filters.clear() }, "Clear filters");
    return this.#answer.relax ? null : el("div", { class: "empty" }, el("p", {}, "No track of the library matches these filters."), clear);
  }

  /** Asks again for what is shown now, with the filters as they are; `back`: for the ranking itself. */
  async #ask({ back = false } = {}) {
    if (!this.#answer) return;
    if (back) this.#like = null;
    await this.#busily(async () => {
      if (this.#like) return this.#showLike(this.#like);
      return this.show(await this.ranking.page(this.#answer.id), { isNew: false });
    });
  }

  async #showLike(track) {
    await this.#busily(async () => {
      const results = await this.ranking.similar(track);
      this.#like = track;
      this.#head();
      this.list.show(results);
      fill($("#relax"));
      fill($("#results-end"), !results.length && el("div", { class: "empty" }, el("p", {}, "No other track matches these filters.")));
      $("#found-title").focus({ preventScroll: true });
      $("#found").scrollIntoView({ block: "nearest" });
    });
  }

  async #more() {
    const { id, next_offset: next } = this.#answer;
    await this.#busily(async () => {
      const page = await this.ranking.page(id, next);
      this.#answer = { ...page, results: [...this.#answer.results, ...page.results] };
      const [first] = this.list.show(page.results, { append: true });
      this.#around();
      first?.button.focus({ preventScroll: true });
    }, { awaited: skeletonRows(3) });
  }

  /** Keeps what is there in its place, paler, until the answer has come. */
  async #busily(work, { awaited } = {}) {
    $("#found").classList.add("busy");
    if (awaited) fill($("#results-end"), awaited);
    try {
      await work();
    } catch (error) {
      if (error.name !== "AbortError") this.#failed(error);
      else return;
    }
    $("#found").classList.remove("busy");
  }

  #failed(error) {
    if (["recommendation_not_found", "recommendation_expired", "encoder_changed"].includes(error.code)) this.onLost(error);
    else fill($("#relax"), problemCard(error, { retry: () => this.#ask() }));
  }

  #weight() {
    const slider = $("#text-weight");
    const say = () => {
      paintRange(slider);
      slider.setAttribute("aria-valuetext", `${Math.round(slider.value * 100)} % words`);
    };
    slider.addEventListener("input", say);
    slider.addEventListener("change", () => this.filters.set({ text_weight: slider.value }));
    this.showWeight = () => { slider.value = this.filters.get("text_weight") ?? slider.defaultValue; say(); };
    this.showWeight();
  }
}

function emptyLibrary() {
  return el("div", { class: "empty" }, el("p", {}, "The library is empty, so there is nothing to rank yet."), el("a", { class: "button main", href: "#library" }, "Add music"));
}

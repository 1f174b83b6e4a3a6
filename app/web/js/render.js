/** Makes the finished video: asks for it, follows the work, offers the file and the line its licence asks for. */

import { call, get } from "./api.js";
import { el, fill, icon } from "./dom.js";
import { bytes, nameOf } from "./format.js";
import { announce, toast, toastProblem } from "./notices.js";
import { problemCard, said } from "./problems.js";
import { FINAL, followJob } from "./server-events.js";

const RECENT_JOBS = 50;

/**
 * `choice()` gives {recommendation, track, start_s, settings} of what would be made; `onChosen(recommendation, track)`
 * hears when it is asked for.
 */
export class RenderPanel {
  #state = el("div", { class: "render-state" });
  #finished = el("ul", { class: "finished", "aria-label": "Finished videos" });
  #button = el("button", { type: "button", class: "main", onclick: () => this.#begin() }, icon("film"), "Make the video");
  #titles = new Map();
  /** Aborted when another video is shown: the work goes on, but nobody here hears of it. */
  #shown = new AbortController();
  #listed = Promise.resolve();

  constructor(element, { choice, onChosen }) {
    Object.assign(this, { choice, onChosen });
    element.append(this.#button, this.#state, this.#finished);
  }

  /** Shows what was made, and what is being made, of this recommendation's video. */
  async open({ id }) {
    this.close();
    const { signal } = this.#shown;
    const listing = get("/jobs", new URLSearchParams({ limit: RECENT_JOBS }), signal);
    this.#listed = listing.catch(() => {});
    await unlessLeft(async () => {
      const own = (await listing).items.filter((job) => job.recommendation_id === id).reverse();
      for (const job of own.filter(({ state }) => FINAL.has(state))) this.#list(job);
      await this.#followAll(own.filter(({ state }) => !FINAL.has(state)), signal);
    });
  }

  close() {
    this.#shown.abort();
    this.#shown = new AbortController();
    fill(this.#state);
    fill(this.#finished);
    this.#enable(true);
  }

  async #begin() {
    if (this.#button.getAttribute("aria-disabled") === "true") return;
    const { recommendation, track, start_s, settings } = this.choice();
    const json = { track_id: track.id, start_s: Math.round(start_s * 1000) / 1000, ...settings };
    const { signal } = this.#shown;
    this.#enable(false);
    fill(this.#state);
    // What is being made already was seen before this one is.
    await this.#listed;
    try {
      const job = await call("POST", `/recommend/${recommendation.id}/render`, { json });
      this.#titles.set(job.id, nameOf(track));
      this.onChosen(recommendation, track);
      await unlessLeft(() => this.#followAll([job], signal));
    } catch (error) {
      if (signal.aborted) return toastProblem(error);
      fill(this.#state, this.#failure(error));
      this.#enable(true);
    }
    return undefined;
  }

  /** One after the other, as each takes a connection of the browser's few. */
  async #followAll(jobs, signal) {
    try {
      for (const job of jobs) {
        signal.throwIfAborted();
        this.#enable(false);
        await this.#follow(job, signal);
      }
    } finally {
      if (!signal.aborted) this.#enable(true);
    }
  }

  async #follow(job, signal) {
    const bar = el("progress", { "aria-label": "Making the video", max: 1 });
    const text = el("span", {}, "Waiting for its turn");
    const cancel = el("button", { type: "button", class: "quiet", onclick: () => this.#cancel(job) }, "Stop");
    fill(this.#state, el("div", { class: "underway" }, text, bar, cancel));
    announce("Making the video");
    const final = await followJob(job.id, ({ state, done, total }) => {
      if (done) bar.value = done / total;
      text.textContent = state === "queued" ? "Waiting for its turn" : "Making the video";
    }, signal);
    fill(this.#state);
    if (final.state === "done") this.#list(final);
    if (final.state === "failed") fill(this.#state, this.#failure(reasonOf(final)));
    if (final.state === "cancelled") fill(this.#state, el("p", { class: "hint" }, "Stopped. Nothing was made."));
    if (final.state === "done") announce("The video is finished");
  }

  #enable(isOn) {
    // Not `disabled`: that would take the focus away.
    this.#button.setAttribute("aria-disabled", !isOn);
  }

  #failure(problem) {
    return problemCard(problem, { retry: () => this.#begin() });
  }

  #list(job) {
    if (job.state === "done") this.#offer(job);
    if (job.state !== "failed") return;
    const { what, todo } = said(reasonOf(job));
    this.#finished.prepend(el("li", {}, icon("alert"), el("div", {}, el("strong", {}, "A video could not be made"), `${what} ${todo}`)));
  }

  #offer(job) {
    const { url, credits_url: creditsUrl, size_bytes: size } = job.result;
    const title = this.#titles.get(job.id);
    const credits = el("span", { class: "credits" });
    const copy = el("button", { type: "button", class: "quiet", onclick: () => this.#copy(credits.textContent) }, "Copy credits");
    this.#finished.prepend(el("li", {},
      el("a", { class: "button main", href: url, download: "" }, icon("download"), "Download", el("small", {}, bytes(size))),
      el("div", {}, title && el("strong", {}, `With ${title}`), credits, copy)));
    get(creditsUrl).then((text) => { credits.textContent = String(text).trim(); }, toastProblem);
  }

  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      toast("Credits copied.");
    } catch {
      toast("This browser does not let the page copy. Mark the line and copy it yourself.", { bad: true });
    }
  }

  async #cancel(job) {
    await call("DELETE", `/jobs/${job.id}`).catch(toastProblem);
  }
}

const reasonOf = (job) => job.errors[0] ?? { code: "internal_error" };

async function unlessLeft(work) {
  try {
    await work();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

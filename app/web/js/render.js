/** Makes the finished video: asks for it, follows the work, offers the file and the line its licence asks for. */

import { call, get } from "./api.js";
import { el, fill, icon } from "./dom.js";
import { bytes, nameOf } from "./format.js";
import { announce, toast, toastProblem } from "./notices.js";
import { problemCard } from "./problems.js";
import { followJob } from "./server-events.js";

const RECENT_JOBS = 50;

/** `choice()` gives {recommendation, track, start_s, settings} of what would be made; `onChosen` hears when it is asked for. */
export class RenderPanel {
  #state = el("div", { class: "render-state" });
  #finished = el("ul", { class: "finished", "aria-label": "Finished videos" });
  #button = el("button", { type: "button", class: "main", onclick: () => this.#begin() }, icon("film"), "Make the video");
  #titles = new Map();
  #recommendationId = null;

  constructor(element, { choice, onChosen }) {
    Object.assign(this, { choice, onChosen });
    element.append(this.#button, this.#state, this.#finished);
  }

  /** Shows what was made, and what is being made, of this recommendation's video. */
  async open(recommendation) {
    this.#recommendationId = recommendation.id;
    fill(this.#state);
    fill(this.#finished);
    const { items } = await get("/jobs", new URLSearchParams({ limit: RECENT_JOBS }));
    if (this.#recommendationId !== recommendation.id) return;
    for (const job of items.filter((each) => isOf(each, recommendation)).reverse()) this.#ended(job);
  }

  async #begin() {
    const { recommendation, track, start_s, settings } = this.choice();
    const json = { track_id: track.id, start_s: Math.round(start_s * 1000) / 1000, ...settings };
    this.#button.disabled = true;
    fill(this.#state);
    try {
      const job = await call("POST", `/recommend/${recommendation.id}/render`, { json });
      this.#titles.set(job.id, nameOf(track));
      this.onChosen(track);
      await this.#follow(job);
    } catch (error) {
      fill(this.#state, problemCard(error, { retry: () => this.#begin() }));
    }
    this.#button.disabled = false;
  }

  async #follow(job) {
    const bar = el("progress", { "aria-label": "Making the video", max: 1 });
    const text = el("span", {}, "Waiting for its turn");
    const cancel = el("button", { type: "button", class: "quiet", onclick: () => this.#cancel(job) }, "Stop");
    fill(this.#state, el("div", { class: "underway" }, text, bar, cancel));
    announce("Making the video");
    const final = await followJob(job.id, ({ state, done, total }) => {
      if (done) bar.value = done / total;
      text.textContent = state === "queued" ? "Waiting for its turn" : "Making the video";
    });
    fill(this.#state);
    this.#ended(final);
    if (final.state === "done") announce("The video is finished");
  }

  #ended(job) {
    if (job.state === "done") this.#offer(job);
    if (job.state === "failed") fill(this.#state, problemCard(job.errors[0] ?? { code: "internal_error" }, { retry: () => this.#begin() }));
    if (job.state === "cancelled") fill(this.#state, el("p", { class: "hint" }, "Stopped. Nothing was made."));
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

const isOf = (job, { id }) => job.kind === "render" && job.result?.url?.startsWith(`/recommend/${id}/`);

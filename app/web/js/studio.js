/** The studio: a video comes in, its music is found, heard under it, and made one file with it. */

import { Audition } from "./audition.js";
import { Brief } from "./brief.js";
import { $, el, fill } from "./dom.js";
import { tell } from "./feedback.js";
import { Filters, SHAPING } from "./filters.js";
import { bytes } from "./format.js";
import { Found } from "./found.js";
import { announce, toast, toastProblem } from "./notices.js";
import { recommend } from "./recommending.js";
import { RenderPanel } from "./render.js";
import { skeletonRows } from "./results.js";
import { go, note } from "./router.js";
import { StageList } from "./stages.js";

export class Studio {
  #answer = null;
  #searching = null;
  filters = new Filters(SHAPING);
  audition = new Audition();
  stages = new StageList($("#stages"));

  constructor() {
    this.brief = new Brief({ onVideo: (file) => this.take([file]), onFind: (brief) => this.#find(brief) });
    this.found = new Found(this.filters, {
      onNarrowed: () => note("studio", this.#params()),
      onLost: (error) => this.#lost(error),
      choose: (result, how) => this.audition.choose(result, how),
      toggle: () => this.audition.player.toggle(),
      reject: ({ track }) => tell(this.#answer.id, track.id, "rejected"),
    });
    this.audition.attach(this.found.list);
    this.render = new RenderPanel($("#render"), {
      choice: () => ({ recommendation: this.#answer, ...this.audition.choice }),
      onChosen: (track) => tell(this.#answer.id, track.id, "chosen"),
    });
    $("#new-video").addEventListener("click", () => { this.#reset(); $("#video-file").click(); });
    $("#change-words").addEventListener("click", () => this.#changeWords());
    $("#stop").addEventListener("click", () => this.#stop());
  }

  /** Shows what the address asks for: a stored ranking, or the form. */
  open(params) {
    const id = params.get("r");
    if (id && id !== this.#answer?.id) return this.#restore(id, params);
    if (!id && this.#answer) note("studio", this.#params());
    if (!id && !this.#answer && !this.#searching) this.#show("brief");
    return undefined;
  }

  /** Nobody looks at it any more. */
  leave() {
    this.audition.player.pause();
    $("nav a").href = this.#answer ? `#studio?${this.#params()}` : "#studio";
  }

  /** Files that were dropped or picked: the first video of them. */
  take(files) {
    const video = files.find((file) => !file.type.startsWith("audio/") && !file.type.startsWith("image/"));
    if (!video) return this.#noVideo(files[0]);
    this.#reset();
    this.audition.screen.showFile(video);
    this.brief.take(video);
    $("#promises").hidden = true;
    return undefined;
  }

  /** `count`: tracks in the library. */
  knowLibrary(count) {
    const empty = el("div", { class: "notice" },
      el("p", {}, el("strong", {}, "Your library is empty."), " Add music first: drop a folder into the library, or run ", el("code", {}, "make demo"), " for 48 free tracks."),
      el("a", { class: "button", href: "#library" }, "Open the library"));
    fill($("#library-hint"), count === 0 && empty);
  }

  async #find(brief) {
    const search = new AbortController();
    this.#searching = search;
    this.#show("working", "Finding music");
    this.stages.begin();
    announce("Sending the video");
    try {
      this.#present(await recommend(brief, {
        signal: search.signal,
        onUpload: (share) => this.stages.upload(share),
        onStage: (stage) => this.stages.reach(stage),
        onWait: (_, seconds) => { this.stages.begin(); toast(`The server is busy. Trying again in ${seconds} s.`); },
      }));
      go("studio", this.#params());
    } catch (error) {
      // Whoever stopped it shows what comes next.
      if (error.name === "AbortError") return;
      this.#show("brief");
      this.brief.refuse(error);
    }
    this.#searching = null;
  }

  #stop() {
    this.#searching?.abort();
    this.#searching = null;
    this.#show("brief");
    $("#find").focus();
  }

  async #restore(id, params) {
    this.#reset();
    this.filters.read(params);
    this.#show("working", "Opening your ranking");
    fill($("#stages"));
    try {
      this.#present(await this.found.ranking.page(id));
      note("studio", this.#params());
    } catch (error) {
      if (error.name !== "AbortError") this.#lost(error);
    }
  }

  #present(answer) {
    this.#answer = answer;
    this.#show("found");
    this.found.showWeight();
    this.found.show(answer, { isNew: true });
    this.audition.begin(answer);
    this.render.open(answer).catch(toastProblem);
    this.found.list.focusFirst();
  }

  #params() {
    return new URLSearchParams([["r", this.#answer.id], ...this.filters.params()]);
  }

  /** `brief`, `working` or `found`; a title for the second. */
  #show(pane, title) {
    for (const name of ["brief", "working", "found"]) $(`#${name}`).hidden = name !== pane;
    $("#promises").hidden = pane !== "brief" || this.brief.hasVideo;
    if (pane !== "working") return;
    $("#working-title").textContent = title;
    $("#stop").hidden = !this.#searching;
    fill($("#skeletons"), skeletonRows(5));
  }

  /** The form again, with the video and the words that were given. */
  #changeWords() {
    if (!this.brief.hasVideo) {
      this.#reset();
      this.brief.notice("Choose the video again to search with other words: it is no longer open here.");
      return;
    }
    this.#forget();
    this.#show("brief");
    $("#title").focus();
  }

  #forget() {
    this.#answer = null;
    this.audition.end();
    this.filters.read([]);
    note("studio");
  }

  #reset() {
    this.#searching?.abort();
    this.#searching = null;
    this.#forget();
    this.audition.screen.clear();
    this.brief.take(null);
    this.#show("brief");
  }

  #lost(error) {
    this.#reset();
    this.brief.refuse(error);
  }

  #noVideo(file) {
    if (!file) return;
    const isMusic = file.type.startsWith("audio/");
    this.brief.notice(el("strong", {}, `${file.name} (${bytes(file.size)}) is no video.`), " ",
      isMusic ? el("span", {}, "Music goes into the ", el("a", { href: "#library" }, "library"), ".") : "Choose a video file.");
    if ($("#brief").hidden) toast(`${file.name} is no video.`, { bad: true });
  }
}

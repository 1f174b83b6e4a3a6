/** The studio: a video comes in, its music is found, heard under it, and made one file with it. */

import { Audition } from "./audition.js";
import { Brief } from "./brief.js";
import { $, fill } from "./dom.js";
import { videoAmong } from "./dropping.js";
import { tell } from "./feedback.js";
import { Filters, SHAPING } from "./filters.js";
import { Found } from "./found.js";
import { announce, toast, toastProblem } from "./notices.js";
import { recommend } from "./recommending.js";
import { RenderPanel } from "./render.js";
import { skeletonRows } from "./results.js";
import { go, note, route } from "./router.js";
import { StageList } from "./stages.js";

export class Studio {
  #answer = null;
  #searching = null;
  #turn = 0;
  #isLeft = false;
  filters = new Filters(SHAPING);
  audition = new Audition();
  stages = new StageList($("#stages"));

  constructor() {
    this.brief = new Brief({ onVideo: (file) => this.take([file]), onFind: (brief) => this.#find(brief) });
    this.found = new Found(this.filters, {
      onNarrowed: () => this.#note(),
      onLost: (error) => this.#lost(error),
      choose: (result, how) => this.audition.choose(result, how),
      toggle: () => this.audition.player.toggle(),
      reject: ({ track }) => tell(this.#answer.id, track.id, "rejected"),
    });
    this.audition.attach(this.found.list);
    this.render = new RenderPanel($("#render"), {
      choice: () => ({ recommendation: this.#answer, ...this.audition.choice }),
      onChosen: (recommendation, track) => tell(recommendation.id, track.id, "chosen"),
    });
    $("#new-video").addEventListener("click", () => { this.#reset(); $("#video-file").click(); });
    $("#change-words").addEventListener("click", () => this.#changeWords());
    $("#stop").addEventListener("click", () => this.#stop());
  }

  /** Shows what the address asks for: a stored ranking, or the form; from another view the ranking that was left. */
  open(params) {
    const id = params.get("r");
    const wasLeft = this.#isLeft;
    this.#isLeft = false;
    if (id && id !== this.#answer?.id) return this.#restore(id, params);
    if (!id && this.#answer && wasLeft) this.#note();
    else if (!id && this.#answer) this.#toForm();
    else if (!id && !this.#searching) this.#show("brief");
    return undefined;
  }

  /** Nobody looks at it any more. */
  leave() {
    this.#isLeft = true;
    this.audition.player.pause();
    this.#note();
  }

  /** Files that were dropped or picked: the first video of them. */
  take(files) {
    const video = videoAmong(files);
    if (!video) return files[0] && this.brief.noVideo(files[0]);
    this.#reset();
    this.audition.screen.showFile(video);
    this.brief.take(video);
    $("#promises").hidden = true;
    return undefined;
  }

  async #find(brief) {
    const search = new AbortController();
    this.#searching = search;
    this.#show("working", "Finding music");
    this.stages.begin();
    announce("Sending the video");
    try {
      const answer = await recommend(brief, {
        signal: search.signal,
        onUpload: (share) => this.stages.upload(share),
        onStage: (stage) => this.stages.reach(stage),
        onWait: (_, seconds) => { this.stages.begin(); toast(`The server is busy. Trying again in ${seconds} s.`); },
      });
      if (search === this.#searching) this.#arrived(answer);
    } catch (error) {
      // Whoever stopped it shows what comes next.
      if (search === this.#searching) this.#refused(error);
    }
  }

  #arrived(answer) {
    this.#searching = null;
    this.#present(answer);
    const open = () => go("studio", this.#params());
    if (!isElsewhere()) return open();
    this.#note();
    toast("The music for your video is found.", { undo: open, undoLabel: "Show it", takesFocus: false });
    return undefined;
  }

  #refused(error) {
    this.#searching = null;
    this.#show("brief");
    this.brief.refuse(error);
    if (isElsewhere()) toastProblem(error);
  }

  #stop() {
    this.#searching?.abort();
    this.#searching = null;
    this.#show("brief");
    $("#find").focus();
  }

  async #restore(id, params) {
    this.#reset();
    const turn = this.#turn;
    this.filters.read(params);
    this.#show("working", "Opening your ranking");
    fill($("#stages"));
    try {
      const answer = await this.found.ranking.page(id);
      if (turn !== this.#turn) return;
      this.#present(answer);
      this.#note();
    } catch (error) {
      if (turn === this.#turn) this.#lost(error);
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
    return new URLSearchParams(this.#answer ? [["r", this.#answer.id], ...this.filters.params()] : []);
  }

  /** In the address where the studio is shown, else where the other view leads back to it. */
  #note() {
    if (!isElsewhere()) note("studio", this.#params());
    $("nav a").href = `#studio${this.#answer ? `?${this.#params()}` : ""}`;
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
    const hasVideo = this.brief.hasVideo;
    this.#toForm();
    if (hasVideo) $("#title").focus();
    else this.brief.notice("Choose the video again to search with other words: it is no longer open here.");
  }

  #toForm() {
    if (!this.brief.hasVideo) return this.#reset();
    this.#forget();
    this.#show("brief");
    return undefined;
  }

  #forget() {
    this.#turn += 1;
    this.#answer = null;
    this.audition.end();
    this.found.clear();
    this.render.close();
    this.filters.read([]);
    this.#note();
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
}

const isElsewhere = () => route().view === "library";

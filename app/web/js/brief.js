/** The form before the search: which video, and words if one likes. */

import { $, el, fill } from "./dom.js";
import { bytes } from "./format.js";
import { toast } from "./notices.js";
import { problemCard } from "./problems.js";

const NO_VIDEO = "Choose a video first. The server keeps it only for a while.";
const WITH_VIDEO = "The server keeps it only for a while.";

/** `onVideo(file)` when one is picked, `onFind({file, title, keywords})` when the form is sent. */
export class Brief {
  #file = null;

  constructor({ onVideo, onFind }) {
    const input = $("#video-file");
    input.addEventListener("change", () => {
      if (input.files[0]) onVideo(input.files[0]);
      input.value = "";
    });
    $("#brief").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#file) onFind(this.#given());
    });
  }

  /** Takes a video, or none (null), and empties the words of the one before. */
  take(file) {
    this.#file = file;
    $("#brief").reset();
    fill($("#brief-problem"));
    $("#find").disabled = !file;
    $("#find-hint").textContent = file ? WITH_VIDEO : NO_VIDEO;
    $("#chosen").hidden = !file;
    if (!file) return;
    const other = el("button", { type: "button", class: "quiet", onclick: () => $("#video-file").click() }, "Choose another");
    fill($("#chosen"), el("strong", {}, file.name), el("span", {}, bytes(file.size)), other);
    $("#title").focus({ preventScroll: true });
  }

  get hasVideo() {
    return Boolean(this.#file);
  }

  /** Says why there is no answer; `retry` asks once more. */
  refuse(error) {
    fill($("#brief-problem"), problemCard(error, { retry: this.#file && (() => $("#brief").requestSubmit()) }));
  }

  /** A notice in the same place that is not the server's: `parts` are texts and elements. */
  notice(...parts) {
    fill($("#brief-problem"), el("p", { class: "notice", role: "alert" }, parts));
  }

  noVideo(file) {
    const isMusic = file.type.startsWith("audio/");
    this.notice(el("strong", {}, `${file.name} (${bytes(file.size)}) is no video.`), " ",
      isMusic ? el("span", {}, "Music goes into the ", el("a", { href: "#library" }, "library"), ".") : "Choose a video file.");
    if ($("#brief").hidden) toast(`${file.name} is no video.`, { bad: true });
  }

  /** `count`: tracks in the library. */
  knowLibrary(count) {
    const empty = el("div", { class: "notice" },
      el("p", {}, el("strong", {}, "Your library is empty."), " Add music first: drop a folder into the library, or run ", el("code", {}, "make demo"), " for 48 free tracks."),
      el("a", { class: "button", href: "#library" }, "Open the library"));
    fill($("#library-hint"), count === 0 && empty);
  }

  #given() {
    fill($("#brief-problem"));
    return { file: this.#file, title: $("#title").value, keywords: $("#keywords").value };
  }
}

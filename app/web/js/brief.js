/** The form before the search: which video, and words if one likes. */

import { $, el, fill } from "./dom.js";
import { bytes } from "./format.js";
import { problemCard } from "./problems.js";

const NO_VIDEO = "Choose a video first. It is deleted from the server after a day.";
const WITH_VIDEO = "It is deleted from the server after a day.";

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

  #given() {
    fill($("#brief-problem"));
    return { file: this.#file, title: $("#title").value, keywords: $("#keywords").value };
  }
}

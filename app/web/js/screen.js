/** Where the video is seen: the file on this device where the browser can play it, else the server's copy. */

import { $ } from "./dom.js";

const CANNOT_YET = "This browser cannot show this kind of file. It can still be sent; the server makes a copy that plays here.";
const CANNOT = "This browser cannot show the video.";

export class Screen {
  #local = null;
  #recommendation = null;

  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video;
    video.addEventListener("error", () => this.#failed());
    // Of some kinds a browser plays the sound alone, and calls that no error.
    video.addEventListener("loadedmetadata", () => (video.videoWidth ? this.#note(null) : this.#failed()));
  }

  showFile(file) {
    this.clear();
    this.#local = URL.createObjectURL(file);
    this.#show(this.#local);
  }

  /** The server has it now: `recommendation` says whether it was kept. */
  belongsTo(recommendation) {
    this.#recommendation = recommendation;
    if (!this.#showsLocal && recommendation.kept) this.#show(`/recommend/${recommendation.id}/video`);
  }

  /** Whether there is no video: a stored ranking may have come without it. */
  get isEmpty() {
    return this.video.hidden;
  }

  /** Also where that is not known yet. */
  get #showsLocal() {
    const { error, readyState, videoWidth } = this.video;
    return this.#local && !error && (readyState === HTMLMediaElement.HAVE_NOTHING || videoWidth > 0);
  }

  clear() {
    if (this.#local) URL.revokeObjectURL(this.#local);
    this.#local = this.#recommendation = null;
    this.video.removeAttribute("src");
    this.video.load();
    this.video.hidden = true;
    $("#video-drop").hidden = false;
    $("#transport").hidden = true;
    this.#note(null);
  }

  #show(address) {
    this.video.src = address;
    this.video.hidden = false;
    $("#video-drop").hidden = true;
    $("#transport").hidden = false;
  }

  #failed() {
    if (!this.video.getAttribute("src")) return;
    const isLocal = this.video.src === this.#local;
    if (isLocal && this.#recommendation?.kept) this.#show(`/recommend/${this.#recommendation.id}/video`);
    else this.#note(isLocal ? CANNOT_YET : CANNOT);
  }

  #note(text) {
    $("#screen-note").textContent = text ?? "";
    $("#screen-note").hidden = !text;
  }
}

/** Sends many files, a few side by side, each until the server has it or says why not. Knows no page. */

import { overAbsence, patiently } from "./api.js";
import { send } from "./transfer.js";

const SIDE_BY_SIDE = 3;
// A file waits longer for a busy server than a person would.
const MOST_TRIES = 60;

/** Event `change` (detail: the item) at every step. `item.state`: waiting, sending, measuring, held, added, present, refused. */
export class UploadQueue extends EventTarget {
  items = [];
  #active = 0;

  add(files) {
    const fresh = files.map((file) => ({ file, state: "waiting", share: 0, error: null, track: null }));
    this.items.push(...fresh);
    this.#pump();
    return fresh;
  }

  /** Sends a refused file once more. */
  again(item) {
    item.error = null;
    this.#step(item, "waiting");
    this.#pump();
  }

  remove(item) {
    this.items = this.items.filter((each) => each !== item);
  }

  /** Those that nobody works on yet go; what is under way is finished. */
  removeWaiting() {
    this.items = this.items.filter((item) => item.state !== "waiting");
  }

  get unfinished() {
    return this.items.filter((item) => ["waiting", "sending", "measuring", "held"].includes(item.state));
  }

  #pump() {
    for (const item of this.items.filter((each) => each.state === "waiting")) {
      if (this.#active >= SIDE_BY_SIDE) return;
      this.#active += 1;
      this.#deliver(item).finally(() => { this.#active -= 1; this.#pump(); });
    }
  }

  async #deliver(item) {
    try {
      const { status, body } = await patiently(() => this.#send(item), { tries: MOST_TRIES, onWait: () => this.#step(item, "held") });
      item.track = body;
      this.#step(item, status === 201 ? "added" : "present");
    } catch (error) {
      item.error = error;
      this.#step(item, "refused");
    }
  }

  /** A server that went away gets the file again when it is back; it knows bytes that it has, and stores them once. */
  #send(item) {
    return overAbsence(() => {
      this.#step(item, "sending", 0);
      const form = new FormData();
      form.append("file", item.file, item.file.name);
      return send("/music", form, { onProgress: (share) => this.#step(item, share < 1 ? "sending" : "measuring", share) });
    }, { onAway: () => this.#step(item, "held") });
  }

  #step(item, state, share = item.share) {
    Object.assign(item, { state, share });
    this.dispatchEvent(new CustomEvent("change", { detail: item }));
  }
}

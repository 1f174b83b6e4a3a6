/** Hearing the ranked tracks under the video: which one, from where on; ties the player to the rows, the deck, the keys. */

import { get } from "./api.js";
import { Deck } from "./deck.js";
import { $, fill } from "./dom.js";
import { tell } from "./feedback.js";
import { nameOf } from "./format.js";
import { toast } from "./notices.js";
import { Mix, Transport } from "./player-controls.js";
import { problemCard } from "./problems.js";
import { Screen } from "./screen.js";
import { SyncPlayer } from "./sync-player.js";

const PLAYED_AFTER_MS = 2000;
/** Where space has a meaning of its own. */
const OWN_KEYS = "input:not([type=range]), textarea, select, button, a, summary, dialog";
const OWN_ARROWS = "input, textarea, select, dialog";

export class Audition {
  #recommendationId = null;
  #played = 0;
  player = new SyncPlayer($("#video"), Object.assign(new Audio(), { preload: "auto" }));
  screen = new Screen($("#video"));
  #transport = new Transport(this.player);
  #mix = new Mix(this.player);
  #deck = new Deck(this.player, () => this.#follow());

  /** `list`: the rows, whose current one is marked and followed. */
  attach(list) {
    this.list = list;
    this.player.addEventListener("state", () => this.#state());
    this.player.addEventListener("time", () => this.#follow());
    this.player.addEventListener("problem", ({ detail }) => this.#unplayable(detail));
    $("#studio").addEventListener("keydown", (event) => this.#key(event));
    document.body.addEventListener("keydown", (event) => event.target === document.body && this.#key(event));
  }

  /** Makes ready for a ranking; its best track lies under the video. */
  begin(answer) {
    this.#recommendationId = answer.id;
    this.player.told_s = answer.video.duration_s;
    this.screen.belongsTo(answer);
    if (answer.results.length) this.choose(answer.results[0], { play: false });
  }

  end() {
    this.player.pause();
    this.player.told_s = 0;
    this.#deck.clear();
    this.#transport.enable(false);
  }

  choose(result, { play, start_s }) {
    this.#transport.enable(true);
    this.#deck.put(result, start_s);
    this.#mark();
    this.#follow();
    if (play && !this.screen.isEmpty) this.player.play();
    else if (play) toast("Choose the video again to hear tracks under it.");
  }

  /** What a finished video would be made of: `track`, `start_s` and the `settings` of the mix. */
  get choice() {
    return { track: this.#deck.result.track, start_s: this.#deck.start_s, settings: this.#mix.settings };
  }

  #key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || $("#studio").hidden) return;
    if (event.key === " ") this.#space(event);
    else if (!event.target.closest(OWN_ARROWS) && !$("#found").hidden) this.list.step(event);
  }

  #space(event) {
    const { result } = this.#deck;
    if (event.target.closest(OWN_KEYS) || !result) return;
    event.preventDefault();
    const { cursor } = this.list;
    const isOther = event.target === document.body && cursor && cursor.track.id !== result.track.id;
    if (isOther) this.choose(cursor, { play: true });
    else this.player.toggle();
  }

  #state() {
    this.#mark();
    clearTimeout(this.#played);
    if (this.player.state !== "playing") return;
    const [id, trackId] = [this.#recommendationId, this.#deck.result.track.id];
    this.#played = setTimeout(() => tell(id, trackId, "played"), PLAYED_AFTER_MS);
  }

  #mark() {
    this.list.mark(this.#deck.result?.track.id ?? null, this.player.isPlaying);
  }

  #follow() {
    if (!this.#deck.result) return;
    this.list.follow(this.player.isPlaying ? this.player.audio.currentTime : null, this.#deck.start_s, this.#deck.end_s);
  }

  /** The server knows why, where it is its reason; else the browser's is said. */
  #unplayable(error) {
    const { track } = this.#deck.result;
    const reason = error?.message || error?.name || "unknown reason";
    get(`/music/${track.id}`).then(
      () => toast(`“${nameOf(track)}” did not start (${reason}). Press play once more.`, { bad: true }),
      (problem) => fill($("#relax"), problemCard(problem)));
  }
}

/** The buttons and sliders of the player: play, position, repeat, and the mix. */

import { $, paintRange, setIcon } from "./dom.js";
import { clock, percent } from "./format.js";

/** Ties the transport under the picture to the player. */
export class Transport {
  #button = $("#play");
  #position = $("#position");
  #repeat = $("#repeat");

  constructor(player) {
    this.player = player;
    this.#button.addEventListener("click", () => player.toggle());
    this.#position.addEventListener("input", () => player.seek(Number(this.#position.value)));
    this.#repeat.addEventListener("click", () => this.#toggleRepeat());
    player.video.addEventListener("click", () => !this.#button.disabled && player.toggle());
    player.video.addEventListener("loadedmetadata", () => this.#time());
    player.addEventListener("time", () => this.#time());
    player.addEventListener("state", () => this.#state());
  }

  /** `isOn`: there is a track to play. */
  enable(isOn) {
    this.#button.disabled = this.#position.disabled = !isOn;
  }

  #toggleRepeat() {
    this.player.repeat = !this.player.repeat;
    this.#repeat.setAttribute("aria-pressed", this.player.repeat);
  }

  #state() {
    const { isPlaying, state } = this.player;
    setIcon(this.#button, isPlaying ? "pause" : "play");
    this.#button.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    this.#button.classList.toggle("waiting", state === "waiting");
  }

  #time() {
    const { video, duration_s } = this.player;
    this.#position.max = duration_s || 1;
    this.#position.value = video.currentTime;
    this.#position.setAttribute("aria-valuetext", `${clock(video.currentTime)} of ${clock(duration_s)}`);
    $("#time").textContent = `${clock(video.currentTime)} / ${clock(duration_s)}`;
    paintRange(this.#position);
  }
}

/** The faders; they are heard at once, and are what the finished video is made with. */
export class Mix {
  #faders = {
    music: { input: $("#music-volume"), written: percent },
    video: { input: $("#video-volume"), written: (share) => (share ? percent(share) : "muted") },
    fade_s: { input: $("#fade"), written: (seconds) => (seconds ? `${seconds.toFixed(1)} s` : "none") },
  };

  constructor(player) {
    const isNarrow = matchMedia("(max-width: 860px)");
    const fold = () => { $("#mix-box").open = !isNarrow.matches; };
    isNarrow.addEventListener("change", fold);
    fold();
    for (const [name, { input, written }] of Object.entries(this.#faders)) {
      const apply = () => {
        const value = Number(input.value);
        const text = written(value);
        input.nextElementSibling.textContent = text;
        input.setAttribute("aria-valuetext", text);
        paintRange(input);
        player.mix({ [name]: value });
      };
      input.addEventListener("input", apply);
      apply();
    }
  }

  /** As the render request names them. */
  get settings() {
    const value = (name) => Number(this.#faders[name].input.value);
    return { video_volume: value("video"), music_volume: value("music"), fade_s: value("fade_s"), duck: $("#duck").checked };
  }
}

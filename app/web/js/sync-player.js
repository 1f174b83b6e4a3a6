/**
 * Plays a video with a track under it, on one clock: the video's. Knows nothing of what it looks like.
 *
 * The music is never bent: while both play, small differences are made up by the video's speed, which nobody hears or
 * sees at these sizes; only after a jump or at the end of a short track is the music's position set anew.
 */

import { settled } from "./media-ready.js";
import { TrackSource } from "./track-source.js";

const TOLERANCE_S = 0.06;
const BEGIN_TO_CORRECT_S = 0.02;
const CORRECTED_S = 0.004;
const MOST_BENDING = 0.08;
const BENDING_PER_S = 2;
const TICK_MS = 250;
const STALLED_TICKS = 8;

/** Events: `state` (paused, waiting, playing), `time`, `end`, `problem` (detail: the error). */
export class SyncPlayer extends EventTarget {
  state = "paused";
  repeat = false;
  /** How long the video is where its file does not say so. */
  told_s = 0;
  #track = null;
  #start_s = 0;
  #mix = { video: 0.5, music: 1, fade_s: 1.5 };
  #turn = 0;
  #stalled = 0;
  #correcting = false;

  /** @param {HTMLVideoElement} video @param {HTMLAudioElement} audio */
  constructor(video, audio) {
    super();
    Object.assign(this, { video, audio, source: new TrackSource(audio) });
    video.addEventListener("ended", () => this.#ended());
    audio.addEventListener("error", () => this.#track && this.#fail(audio.error));
    setInterval(() => this.#tick(), TICK_MS);
    const frame = () => { this.#tick(); requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
  }

  get duration_s() {
    return Number.isFinite(this.video.duration) ? this.video.duration : this.told_s;
  }

  get isPlaying() {
    return this.state !== "paused";
  }

  /** How far the music is ahead of where it belongs, in seconds. */
  get drift_s() {
    return this.audio.currentTime - this.musicTime(this.video.currentTime);
  }

  /** The moment of the track that belongs to a moment of the video; a track that ends begins again. */
  musicTime(video_s) {
    const length_s = this.#track.duration_s;
    return (this.#start_s + video_s) % length_s;
  }

  /** Puts another track under the video, from `start_s` on, at the moment where the video is. */
  load(track, start_s) {
    const isOther = track.id !== this.#track?.id;
    this.#track = track;
    this.#start_s = start_s;
    if (isOther) this.source.track = track;
    return this.#resume();
  }

  /** Moves the music under the video and plays from the video's beginning, where it plays. */
  setStart(start_s) {
    this.#start_s = start_s;
    if (!this.#track) return undefined;
    this.video.currentTime = 0;
    return this.#resume();
  }

  seek(video_s) {
    this.video.currentTime = video_s;
    return this.#resume();
  }

  /** `video` and `music`: volumes, 0 to 1; `fade_s`: at both ends of the music. */
  mix(given) {
    Object.assign(this.#mix, given);
    this.#applyVolumes();
  }

  toggle() {
    return this.isPlaying ? this.pause() : this.play();
  }

  pause() {
    this.#turn += 1;
    this.#halt();
    this.#enter("paused");
  }

  /** Starts both together, once both can. */
  async play() {
    if (!this.#track) return;
    const turn = ++this.#turn;
    this.#halt();
    this.#enter("waiting");
    try {
      if (this.video.ended) this.video.currentTime = 0;
      this.audio.currentTime = this.musicTime(this.video.currentTime);
      this.#applyVolumes();
      await Promise.all([settled(this.video), settled(this.audio)]);
      await this.#settleAgain();
      if (turn !== this.#turn) return;
      await Promise.all([this.audio.play(), this.video.play()]);
      if (turn === this.#turn) this.#enter("playing");
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  /** A source that took another's place stands at its own beginning. */
  async #settleAgain() {
    if (Math.abs(this.drift_s) <= TOLERANCE_S) return;
    this.audio.currentTime = this.musicTime(this.video.currentTime);
    await settled(this.audio);
  }

  #resume() {
    this.dispatchEvent(new Event("time"));
    return this.isPlaying ? this.play() : this.#cue();
  }

  /** Has the track's part at hand before anyone asks for it. */
  #cue() {
    if (this.#track) this.audio.currentTime = this.musicTime(this.video.currentTime);
  }

  #halt() {
    this.video.pause();
    this.audio.pause();
    this.video.playbackRate = 1;
    this.#stalled = 0;
    this.#correcting = false;
  }

  #tick() {
    if (this.state !== "playing" || this.video.ended) return;
    if (this.#isStalled()) this.play();
    else this.#bringTogether();
    this.#applyVolumes();
    this.dispatchEvent(new Event("time"));
  }

  #isStalled() {
    const waits = this.video.readyState < 3 || (this.audio.readyState < 3 && !this.audio.seeking);
    this.#stalled = waits ? this.#stalled + 1 : 0;
    return this.#stalled > STALLED_TICKS;
  }

  #bringTogether() {
    const { video, audio } = this;
    if (audio.seeking || video.seeking) return;
    const drift_s = this.drift_s;
    if (Math.abs(drift_s) > TOLERANCE_S || audio.ended) return this.#jump();
    if (Math.abs(drift_s) > BEGIN_TO_CORRECT_S) this.#correcting = true;
    if (Math.abs(drift_s) < CORRECTED_S) this.#correcting = false;
    const bending = Math.max(-MOST_BENDING, Math.min(MOST_BENDING, drift_s * BENDING_PER_S));
    const rate = this.#correcting ? 1 + bending : 1;
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  #jump() {
    this.video.playbackRate = 1;
    this.audio.currentTime = this.musicTime(this.video.currentTime);
    if (this.audio.paused) this.audio.play().catch((error) => this.#fail(error));
  }

  #applyVolumes() {
    const { video, music, fade_s } = this.#mix;
    this.video.volume = video;
    this.video.muted = video === 0;
    this.audio.volume = music * fadeGain(this.video.currentTime, this.duration_s, fade_s);
  }

  #ended() {
    if (this.state === "paused") return;
    if (this.repeat) {
      this.seek(0);
    } else {
      this.pause();
      this.dispatchEvent(new Event("end"));
    }
  }

  #fail(error) {
    // A newer play, pause or track took over.
    if (error?.name === "AbortError") return;
    this.pause();
    this.dispatchEvent(new CustomEvent("problem", { detail: error }));
  }

  #enter(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
    this.dispatchEvent(new Event("time"));
  }
}

/** What a fade leaves of the music at a moment: 0 at both ends, 1 between. */
export function fadeGain(time_s, duration_s, fade_s) {
  const longest_s = Math.min(fade_s, duration_s / 2);
  if (longest_s <= 0) return 1;
  return Math.max(0, Math.min(1, time_s / longest_s, (duration_s - time_s) / longest_s));
}

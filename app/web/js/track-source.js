/**
 * Gives an audio element its track: the file as it came where this browser plays it, else what the server makes of it,
 * which takes a moment the first time.
 */
export class TrackSource {
  #track = null;

  /** Made before anybody else listens to the element: they hear no error that the preview makes good. */
  constructor(audio) {
    this.audio = audio;
    audio.addEventListener("error", (event) => this.#tryPreview(event));
  }

  set track(track) {
    this.#track = track;
    this.audio.src = track.audio_url;
  }

  #tryPreview(event) {
    if (!this.audio.src.endsWith(this.#track?.audio_url)) return;
    event.stopImmediatePropagation();
    // Another source stops what plays.
    const wasPlaying = !this.audio.paused;
    this.audio.src = this.#track.preview_url;
    // Where that fails too, the error event tells of it.
    if (wasPlaying) this.audio.play().catch(() => {});
  }
}

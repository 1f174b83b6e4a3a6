/** Waiting for a media element until it can play from where it stands. */

const LONGEST_WAIT_MS = 60_000;
const ENOUGH_TO_PLAY = 3;

/** Resolves when `media` has stopped seeking and can play on; rejects where it cannot, or not in time. */
export function settled(media) {
  const isReady = () => media.readyState >= ENOUGH_TO_PLAY && !media.seeking;
  if (isReady()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const watch = new AbortController();
    const end = (answer, value) => {
      watch.abort();
      clearTimeout(timer);
      answer(value);
    };
    const timer = setTimeout(() => end(reject, new DOMException("not ready in time", "TimeoutError")), LONGEST_WAIT_MS);
    const { signal } = watch;
    for (const name of ["canplay", "seeked", "canplaythrough"]) media.addEventListener(name, () => isReady() && end(resolve), { signal });
    media.addEventListener("error", () => end(reject, media.error), { signal });
    if (media.error) end(reject, media.error);
  });
}

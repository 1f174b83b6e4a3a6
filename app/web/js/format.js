/** Numbers and lists as people write them. */

/** Seconds as 3:04 or 1:02:09; with `digits` also parts of a second. */
export function clock(seconds, digits = 0) {
  const whole = Math.max(0, digits ? seconds : Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = (Math.floor((whole % 60) * 10 ** digits) / 10 ** digits).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Sizes of files, in the units of a thousand that the server's limits use. */
export function bytes(count) {
  const power = count < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${value.toFixed(power && value < 10 ? 1 : 0)} ${["bytes", "kB", "MB", "GB"][power]}`;
}

export const many = (count, one, more = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

export const percent = (share) => `${Math.round(share * 100)} %`;

export const milliseconds = (ms) => (ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** What a list calls a track. */
export const nameOf = (track) => track.title || track.file_name || "Untitled";

/** The words of a field that holds several, separated by commas. */
export const wordsOf = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);

/** A random name, for requests and their repetition. Not `randomUUID`, which plain http does not have. */
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Requests to the server: JSON both ways, problems as ApiError, waiting while the server is away or busy. */

import { sleep } from "./dom.js";

const BUSY = new Set(["overloaded", "not_ready", "rate_limited", "encoder_unavailable", "idempotency_key_in_use"]);
const USUAL_TRIES = 6;
const LONGEST_WAIT_S = 15;
const LONGEST_SILENCE_MS = 5000;

/** A problem+json answer, its facts as further properties; `code` is "network" where no answer came. */
export class ApiError extends Error {
  constructor({ detail, request_id: requestId, ...facts }, retryAfter_s) {
    super(detail);
    Object.assign(this, facts, { detail, requestId, retryAfter_s });
  }

  /** Whether the same request may well succeed a little later. */
  get isPassing() {
    return BUSY.has(this.code);
  }
}

const listeners = { keyWanted: () => Promise.reject(new Error("no key dialog")), away: () => {}, back: () => {} };

/** `keyWanted` resolves when there is a session, `away` and `back` hear when the server stops and starts to answer. */
export function listen(given) {
  Object.assign(listeners, given);
}

/** Sends a request and returns the answer's JSON (null where it has none). Reading is repeated until the server is there. */
export async function call(method, path, given = {}) {
  const once = () => withKey(() => callWithoutKey(method, path, given));
  return method === "GET" ? patiently(() => overAbsence(once, given), given) : once();
}

/** The same, once, for what must not ask for a key itself. */
export function callWithoutKey(method, path, { json, params, signal } = {}) {
  const request = { method, signal, credentials: "same-origin", cache: "no-store" };
  if (json !== undefined) Object.assign(request, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(json) });
  return answered(params && String(params) ? `${path}?${params}` : path, request);
}

export const get = (path, params, signal) => call("GET", path, { params, signal });

/** Does `work` again after as long as a busy server asks for; `onWait` hears the error and the seconds. */
export async function patiently(work, { onWait = () => {}, tries = USUAL_TRIES, signal } = {}) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!error.isPassing || attempt === tries) throw error;
      const seconds = Math.min(error.retryAfter_s ?? 2, LONGEST_WAIT_S);
      onWait(error, seconds);
      await sleep(seconds * 1000);
      signal?.throwIfAborted();
    }
  }
}

let sessions = 0;

/** Runs `work`; where it fails for want of a key, asks for one, unless it was given meanwhile, and runs it once more. */
export async function withKey(work) {
  const before = sessions;
  try {
    return await work();
  } catch (error) {
    if (error.status !== 401) throw error;
    if (before === sessions) await listeners.keyWanted(error).then(() => { sessions += 1; });
    return work();
  }
}

let absence = null;

/** Resolves when the server answers, which it may have done all the time; all who wait share one question. */
export function serverBack() {
  absence ??= untilThere().finally(() => { absence = null; });
  return absence;
}

/** Does `work` again when the server is back; with growing pauses, as it may be there and the request be lost all the same. */
export async function overAbsence(work, { onAway = () => {}, signal } = {}) {
  for (let pause_s = 0.5; ; pause_s = Math.min(2 * pause_s, LONGEST_WAIT_S)) {
    try {
      return await work();
    } catch (error) {
      if (error.code !== "network") throw error;
      onAway();
      await serverBack();
      await sleep(pause_s * 1000);
      signal?.throwIfAborted();
    }
  }
}

/** The error that an answer's status, headers and text stand for. */
export function problemOf(status, header, text) {
  const retryAfter_s = Number(header("Retry-After")) || undefined;
  const about = { status, request_id: header("X-Request-ID") ?? undefined };
  try {
    return new ApiError({ ...about, ...JSON.parse(text) }, retryAfter_s);
  } catch {
    return new ApiError({ ...about, code: `http_${status}`, detail: `the server answered with status ${status}` }, retryAfter_s);
  }
}

/** The value that an answer's text is the JSON of; something between the server and the page may have put its own there. */
export function valueOf(status, text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError({ status, code: "garbled_answer", detail: "the answer is no JSON" });
  }
}

export const networkError = () => new ApiError({ code: "network", status: 0, detail: "the server does not answer" });

async function answered(address, request) {
  const [response, text] = await received(address, request);
  if (!response.ok) throw problemOf(response.status, (name) => response.headers.get(name), text);
  return text && response.headers.get("Content-Type")?.includes("json") ? valueOf(response.status, text) : text || null;
}

/** The answer with its whole text. */
async function received(address, request) {
  try {
    const response = await fetch(address, request);
    return [response, await response.text()];
  } catch (error) {
    throw error.name === "AbortError" ? error : networkError();
  }
}

async function untilThere() {
  if (await isThere()) return;
  listeners.away();
  do await sleep(1000); while (!(await isThere()));
  listeners.back();
}

async function isThere() {
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(LONGEST_SILENCE_MS) })).ok;
  } catch {
    return false;
  }
}

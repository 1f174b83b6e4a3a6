/** What went wrong, in the words of whoever uses the page. Every code of the API has its sentence here. */

import { el, icon } from "./dom.js";
import { bytes, clock } from "./format.js";

const VIDEO_AGAIN = "Choose the video again; the ranking is made anew.";
const TRY_AGAIN = "Try again in a moment.";
const IF_AGAIN = "Try again. If it happens once more, give the request number to whoever runs the server.";

/** A saying for a problem with these facts; without them, as in a job's errors, it is the server's own sentence. */
function withFacts(facts, saying) {
  return (p) => (facts.every((name) => p[name] !== undefined) ? saying(p) : sentence(p.detail ?? ""));
}

/** By code: what happened, and what to do. Either may be a function of the problem, whose facts it can name. */
const SAYINGS = {
  network: ["The server does not answer.", "It may be restarting. Try again when it is back."],
  file_changed: ["The file was changed or removed on this device.", "Choose it again."],
  garbled_answer: ["The answer of the server could not be read.", "Something between it and this page may have changed it. Try again."],
  malformed_request: ["The server could not read what the page sent.", "The upload may have been cut off. Try again."],
  key_required: ["This server asks for a key.", "Enter one, then try again."],
  key_unknown: ["This key is not known here.", "Check it for a missing letter; it may also have been revoked."],
  key_lacks_scope: ["Your key does not allow this.", withFacts(["scope", "needed"], (p) => `It has the scope “${p.scope}”; this needs “${p.needed}”. Ask whoever runs the server.`)],
  bad_origin: ["The server took this for a request from another site.", "Open the page at the server’s own address."],
  not_found: ["The server has nothing at this address.", "The page and the server may be of different versions. Reload the page."],
  method_not_allowed: ["The server does not do this.", "The page and the server may be of different versions. Reload the page."],
  track_not_found: ["This track is no longer in the library.", "It was removed for good. Ask for the ranking again."],
  track_deleted: ["This track was deleted.", "For a day after that, adding the same file brings it back."],
  recommendation_not_found: ["The server does not know this ranking.", VIDEO_AGAIN],
  recommendation_expired: ["This ranking has expired.", VIDEO_AGAIN],
  encoder_changed: ["The library was measured anew since this ranking was made.", VIDEO_AGAIN],
  video_not_kept: ["The server did not keep this video.", "Choose it again to make the finished video."],
  job_not_found: ["The server does not know this task.", "Start it again."],
  job_not_finished: ["The video is not finished yet.", TRY_AGAIN],
  job_not_cancellable: ["It is too late to stop this.", (p) => `The task is ${p.state ?? "over"} already.`],
  idempotency_key_in_use: ["This file is being received already.", "Wait for the first upload to end."],
  idempotency_key_reused: ["The server took this for a repetition of another upload.", "Add the file again."],
  upload_too_large: ["The file is too large for this server.", withFacts(["limit_bytes"], (p) => `It takes at most ${bytes(p.limit_bytes)}. Export it smaller or shorter.`)],
  unsupported_media: [(p) => `This kind of file is not accepted${p.found ? ` (${p.found})` : ""}.`, (p) => (p.accepted ? `Accepted: ${p.accepted.join(", ")}.` : "Export it in another format.")],
  range_not_satisfiable: ["The file on the server is shorter than expected.", "Reload the page."],
  unreadable_media: ["The file cannot be read.", (p) => `${p.reason ? `${sentence(p.reason)} ` : ""}If it plays elsewhere, export it once more.`],
  no_video_stream: ["This file has no picture.", "Choose a video here. Music goes into the library."],
  no_audio_stream: ["This file has no sound.", "Choose a music file."],
  media_too_short: ["The file is too short.", withFacts(["duration_s", "minimum_s"], (p) => `It lasts ${p.duration_s.toFixed(1)} s; at least ${p.minimum_s} s are needed.`)],
  media_too_long: ["The file is too long.", withFacts(["duration_s", "limit_s"], (p) => `It lasts ${clock(p.duration_s)}; this server takes up to ${clock(p.limit_s)}.`)],
  silent_audio: ["This music is silent from beginning to end.", "Check that it was exported with its sound."],
  picture_too_large: ["The picture has too many pixels.", withFacts(["width", "height", "limit_pixels"], (p) => `${p.width} × ${p.height} makes ${megapixels(p.width * p.height)}; this server takes up to ${megapixels(p.limit_pixels)}. Export it smaller.`)],
  invalid_parameter: [withFacts(["parameter"], (p) => `The server did not accept “${p.parameter}”.`), (p) => sentence(p.reason ?? "")],
  folder_not_allowed: ["This folder cannot be imported.", (p) => sentence(p.reason ?? "")],
  rate_limited: ["Too many requests in a short time.", (p) => wait(p)],
  overloaded: ["The server is busy with other requests.", (p) => wait(p)],
  encoder_unavailable: ["A part of the server stopped while it worked on this file.", "It is being replaced. Try again in a moment."],
  not_ready: ["The server is not ready yet.", (p) => (p.missing ? `Missing: ${p.missing.join(", ")}. ${TRY_AGAIN}` : TRY_AGAIN)],
  media_took_too_long: ["Reading this file took too long.", (p) => `The server stops after ${p.limit_s ?? "some"} s. Export it smaller or shorter.`],
  disk_full: ["The server’s disk is full.", "Nothing was kept. Whoever runs the server must make room."],
  internal_error: ["The server met an error of its own.", IF_AGAIN],
};

/** @returns {{what: string, todo: string}} sentences for an ApiError, or for one file's entry in a job's errors */
export function said(problem) {
  const [what, todo] = SAYINGS[problem.code] ?? [sentence(problem.detail ?? "Something went wrong"), ""];
  return { what: read(what, problem), todo: read(todo, problem) };
}

/** The problem as a card, with the API's code and the request's number, and a button to try again if that may help. */
export function problemCard(problem, { retry, retryLabel = "Try again", dismiss } = {}) {
  const { what, todo } = said(problem);
  const number = problem.requestId && el("span", {}, `request ${problem.requestId}`);
  return el("div", { class: "problem", role: "alert" }, icon("alert"),
    el("div", {}, el("p", {}, el("strong", {}, what), " ", todo), el("p", { class: "codes" }, el("code", {}, problem.code), number)),
    (retry || dismiss) && el("div", { class: "acts" },
      retry && el("button", { type: "button", onclick: retry }, retryLabel),
      dismiss && el("button", { type: "button", class: "quiet", onclick: dismiss }, "Dismiss")));
}

const read = (saying, problem) => (typeof saying === "function" ? saying(problem) : saying);

const megapixels = (count) => `${(count / 1e6).toFixed(1)} megapixels`;

const wait = (problem) => `Try again in ${problem.retryAfter_s ?? 5} s.`;

function sentence(text) {
  const trimmed = text.trim();
  return trimmed && trimmed[0].toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".");
}

/** What the page says in passing: the live region, toasts, and the banner while the server is away. */

import { $, el, fill } from "./dom.js";
import { said } from "./problems.js";

const TOAST_MS = 6000;
const UNDO_MS = 12_000;

/** Has a screen reader say this when it is done with the rest. */
export function announce(text) {
  const live = $("#live");
  // The same words twice are said twice.
  live.textContent = live.textContent === text ? `${text}\u00a0` : text;
}

/** A short note at the edge of the window; with `undo` it has a button and stays longer. */
export function toast(text, { undo, undoLabel = "Undo", bad = false } = {}) {
  const note = el("div", { class: bad ? "toast bad" : "toast", role: bad ? "alert" : "status" }, el("p", {}, text));
  const close = () => note.remove();
  if (undo) note.append(el("button", { type: "button", onclick: () => { close(); undo(); } }, undoLabel));
  $("#toasts").append(note);
  lingering(note, close, undo ? UNDO_MS : TOAST_MS);
  return close;
}

export function toastProblem(problem) {
  const { what, todo } = said(problem);
  toast(`${what} ${todo} (${problem.code})`, { bad: true });
}

export function showBanner(text) {
  const banner = $("#banner");
  fill(banner, text);
  banner.hidden = false;
}

export function hideBanner() {
  $("#banner").hidden = true;
}

/** Closes after a while, but not under the pointer or the focus. */
function lingering(note, close, ms) {
  let timer = setTimeout(close, ms);
  const stay = () => clearTimeout(timer);
  const leave = () => { stay(); timer = setTimeout(close, ms); };
  note.addEventListener("pointerenter", stay);
  note.addEventListener("focusin", stay);
  note.addEventListener("pointerleave", leave);
  note.addEventListener("focusout", leave);
}

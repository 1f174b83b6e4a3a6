/** What the page says in passing: the live region, toasts, and the banner while the server is away. */

import { $, el, fill } from "./dom.js";
import { said } from "./problems.js";

const TOAST_MS = 6000;
const UNDO_MS = 12_000;
const WRITING = "input, textarea, select";

/** Whether the last thing that was done was done with a key. */
let isByKey = false;
addEventListener("keydown", () => { isByKey = true; }, true);
addEventListener("pointerdown", () => { isByKey = false; }, true);

/** Has a screen reader say this when it is done with the rest. */
export function announce(text) {
  const live = $("#live");
  // The same words twice are said twice.
  live.textContent = live.textContent === text ? `${text}\u00a0` : text;
}

/**
 * A short note at the edge of the window; with `undo` it has a button and stays longer. To whoever works by keys the
 * button is brought, except where it `takesFocus` not; Escape goes back.
 */
export function toast(text, { undo, undoLabel = "Undo", bad = false, takesFocus = true } = {}) {
  const note = el("div", { class: bad ? "toast bad" : "toast", role: bad ? "alert" : "status" }, el("p", {}, text));
  const before = document.activeElement;
  const close = () => {
    const hadFocus = note.contains(document.activeElement);
    note.remove();
    if (hadFocus) giveBack(before);
  };
  $("#toasts").append(note);
  lingering(note, close, undo ? UNDO_MS : TOAST_MS);
  if (!undo) return close;
  const button = el("button", { type: "button", onclick: () => { close(); undo(); } }, undoLabel);
  note.append(button);
  note.addEventListener("keydown", (event) => event.key === "Escape" && close());
  if (isByKey && takesFocus && !before.matches(WRITING)) button.focus();
  return close;
}

function giveBack(element) {
  const isThere = element !== document.body && element.isConnected && element.offsetParent;
  (isThere ? element : $("main:not([hidden])"))?.focus({ preventScroll: true });
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
  const leave = () => { stay(); timer = setTimeout(() => (note.matches(":hover, :focus-within") ? leave() : close()), ms); };
  note.addEventListener("pointerenter", stay);
  note.addEventListener("focusin", stay);
  note.addEventListener("pointerleave", leave);
  note.addEventListener("focusout", leave);
}

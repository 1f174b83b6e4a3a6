/** Imports a folder that lies on the server: asks for it, follows the work, lists what was refused. */

import { call } from "./api.js";
import { $, el, fill } from "./dom.js";
import { many } from "./format.js";
import { announce, toastProblem } from "./notices.js";
import { problemCard, said } from "./problems.js";
import { followJob } from "./server-events.js";

/** Opens the dialog; `onProgress` hears while tracks come in. */
export function showImport(onProgress) {
  const dialog = $("#import-dialog");
  const state = el("div", { role: "status" });
  const folder = el("input", { id: "import-folder", required: true, autocomplete: "off", placeholder: "albums/2026" });
  const csv = el("input", { id: "import-csv", autocomplete: "off", placeholder: "albums/library.csv" });
  const start = el("button", { type: "submit", class: "main" }, "Import");
  const close = el("button", { type: "button", onclick: () => dialog.close() }, "Close");
  const begin = async (event) => {
    event.preventDefault();
    start.disabled = true;
    await importing({ folder: folder.value.trim(), csv: csv.value.trim() || null }, state, onProgress);
    start.disabled = false;
  };
  fill(dialog, el("form", { onsubmit: begin },
    el("h2", { id: "import-title" }, "Import a folder on the server"),
    el("p", {}, "For music that lies on the server already, below its import folder (", el("code", {}, "BGM_IMPORT_DIR"), ")."),
    el("div", { class: "field" }, el("label", { for: folder.id }, "Folder"), folder),
    el("div", { class: "field" }, el("label", { for: csv.id }, "List with titles, moods, licences ", el("small", {}, "optional, CSV")), csv),
    state, el("div", { class: "acts" }, close, start)));
  dialog.showModal();
}

async function importing(json, state, onProgress) {
  fill(state);
  try {
    const job = await call("POST", "/music/import", { json });
    const bar = el("progress", { "aria-label": "Importing", max: 1 });
    const text = el("p", { class: "hint" }, "Waiting for its turn");
    const stop = el("button", { type: "button", class: "quiet", onclick: () => call("DELETE", `/jobs/${job.id}`).catch(toastProblem) }, "Stop");
    fill(state, text, bar, stop);
    const final = await followJob(job.id, ({ state: now, done, total }) => {
      if (done) bar.value = done / total;
      if (now === "running") text.textContent = total ? `${done} of ${many(total, "file")}` : "Looking for music";
      onProgress();
    });
    fill(state, outcome(final));
    announce("The import has ended");
  } catch (error) {
    fill(state, problemCard(error));
  }
  onProgress();
}

function outcome({ state, result, errors }) {
  const { added = 0, present = 0, refused = errors.length, skipped = 0 } = result ?? {};
  const ends = { done: "Imported", cancelled: "Stopped", failed: "The import failed" };
  return [
    el("p", {}, el("strong", {}, ends[state]), ` ${added} added · ${present} there already · ${refused} refused · ${skipped} skipped`),
    errors.length > 0 && el("ul", { class: "refusals" }, errors.map(refusal)),
  ];
}

/** In the server's words: a job's error has none of the facts that the page's own sentences name. */
function refusal({ item, code, detail }) {
  const { what } = said({ detail });
  return el("li", {}, el("strong", {}, item), " ", what, " ", el("code", {}, code));
}

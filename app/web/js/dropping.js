/** Files that are dropped onto the page, folders with all that is in them. */

import { $ } from "./dom.js";

/** `label()` says what a drop would do, null where it does nothing; `take(files)` gets them. */
export function takeDrops({ label, take }) {
  const veil = $("#veil");
  let depth = 0;
  const show = (text) => {
    veil.hidden = !text;
    if (text) veil.firstElementChild.textContent = text;
  };
  const leave = () => { depth = 0; show(null); };
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => { if (hasFiles(event)) { depth += 1; show(label()); } });
  addEventListener("dragleave", (event) => { if (hasFiles(event) && --depth <= 0) leave(); });
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    leave();
    if (label()) take(await filesOf(event.dataTransfer));
  });
}

/** Entries must be taken before the first wait: the browser empties the list after the event. */
function filesOf({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  return entries.length ? Promise.all(entries.map(filesUnder)).then((found) => found.flat()) : [...files];
}

async function filesUnder(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  // A reader gives a hundred entries at a time, and none when all were given.
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    found.push(...(await Promise.all(some.map(filesUnder))).flat());
  }
}

/** Files that are dropped onto the page, folders with all that is in them. */

import { $ } from "./dom.js";

const VIDEO_NAME = /\.(mp4|m4v|mov|qt|mkv|webm|avi|ts|m2ts|mts|3gp|3g2|mpe?g|mpv|ogv|wmv|asf|flv|mxf)$/i;
const SOUND_OR_PICTURE = /^(audio|image)\//;
const NO_VIDEO = /^(text|font)\/|^application\/(pdf|json|xml|zip)/;

/** What the browser could not read: only its name is known. */
export class UnreadFile extends File {
  constructor(name) {
    super([], name);
  }
}

/** `label()` says what a drop would do, null where it does nothing; `take(files)` gets them, an UnreadFile for each that cannot be read. */
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

/**
 * The video among dropped or picked files: the first that says so, else by its name (systems take .ts for a text), else
 * one of an unknown kind, else whatever is no music and no picture: the server tells what that is.
 */
export function videoAmong(files) {
  const open = files.filter(({ name, size, type }) => size && !name.startsWith(".") && !SOUND_OR_PICTURE.test(type));
  return open.find(({ type }) => type.startsWith("video/")) ?? open.find(({ name }) => VIDEO_NAME.test(name))
    ?? open.find(({ type }) => !NO_VIDEO.test(type)) ?? open[0];
}

/** Entries must be taken before the first wait: the browser empties the list after the event. */
async function filesOf({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...files];
  return (await Promise.all(entries.map(filesUnder))).flat();
}

/** One that cannot be read does not keep the others back. */
async function filesUnder(entry) {
  if (!entry.isFile) return filesInFolder(entry);
  try {
    return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  } catch {
    return [new UnreadFile(entry.name)];
  }
}

async function filesInFolder(folder) {
  const reader = folder.createReader();
  const found = [];
  // A reader gives a hundred entries at a time, and none when all were given.
  for (;;) {
    let some;
    try {
      some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    } catch {
      return [...found, new UnreadFile(folder.name)];
    }
    if (!some.length) return found;
    found.push(...(await Promise.all(some.map(filesUnder))).flat());
  }
}

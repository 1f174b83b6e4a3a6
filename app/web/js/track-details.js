/** Everything the library knows of a track, in a dialog; what people said of it can be changed. */

import { call } from "./api.js";
import { $, el, fill } from "./dom.js";
import { bytes, nameOf } from "./format.js";
import { announce } from "./notices.js";
import { problemCard } from "./problems.js";
import { meant, written } from "./track-field.js";

const FIELDS = {
  title: "Title", artist: "Artist", album: "Album", genre: "Genre", moods: "Moods", keywords: "Keywords", license: "Licence",
  bpm: "BPM", attribution: "Credit line", source_url: "Source",
};
const FLAGS = { vocals: "Vocals", explicit: "Explicit lyrics" };
const ANSWERS = [["", "unknown"], ["true", "yes"], ["false", "no"]];

/** Opens the dialog; `onSaved` hears the changed track. */
export function showDetails(track, { mayEdit, onSaved }) {
  const dialog = $("#details-dialog");
  const problem = el("div");
  const form = el("form", { onsubmit: (event) => save(event) },
    el("h2", { id: "details-title" }, nameOf(track)),
    el("div", { class: "fields" }, ...Object.entries(FIELDS).map(([name, label]) => textField(track, name, label, mayEdit)),
      ...Object.entries(FLAGS).map(([name, label]) => flagField(track, name, label, mayEdit))),
    facts(track), problem,
    el("div", { class: "acts" }, el("button", { type: "button", onclick: () => dialog.close() }, mayEdit ? "Cancel" : "Close"),
      mayEdit && el("button", { type: "submit", class: "main" }, "Save")));
  const save = async (event) => {
    event.preventDefault();
    const json = changes(track, form);
    try {
      if (Object.keys(json).length) onSaved(await call("PATCH", `/music/${track.id}`, { json }));
      dialog.close();
      announce("Saved");
    } catch (error) {
      fill(problem, problemCard(error));
    }
  };
  fill(dialog, form);
  dialog.showModal();
}

/** Only what was changed, so that a change made elsewhere in the meantime stays. */
function changes(track, form) {
  const texts = Object.keys(FIELDS).filter((name) => form.elements[name].value.trim() !== written(track, name));
  const flags = Object.keys(FLAGS).filter((name) => form.elements[name].value !== String(track[name] ?? ""));
  return Object.fromEntries([
    ...texts.map((name) => [name, meant(name, form.elements[name].value)]),
    ...flags.map((name) => [name, JSON.parse(form.elements[name].value || "null")]),
  ]);
}

function textField(track, name, label, mayEdit) {
  const input = el("input", { id: `details-${name}`, name, value: written(track, name), readonly: !mayEdit, autocomplete: "off" });
  return el("div", { class: `field ${name}` }, el("label", { for: input.id }, label), input);
}

function flagField(track, name, label, mayEdit) {
  const options = ANSWERS.map(([value, text]) => el("option", { value, selected: String(track[name] ?? "") === value }, text));
  return el("div", { class: "field" }, el("label", { for: `details-${name}` }, label), el("select", { id: `details-${name}`, name, disabled: !mayEdit }, options));
}

function facts(track) {
  const said = [
    ["File", track.file_name], ["Kind", `${track.container}, ${track.codec}, ${bytes(track.size_bytes)}`],
    ["Loudness", track.loudness_lufs == null ? "unknown" : `${track.loudness_lufs.toFixed(1)} LUFS`],
    ["Added", new Date(track.added_at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })], ["Id", track.id],
  ];
  return el("dl", { class: "about" }, said.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

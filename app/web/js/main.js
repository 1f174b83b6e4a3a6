/** Starts the page: who we are, which view, and what both views share. */

import { get, listen } from "./api.js";
import { $, debounced, el } from "./dom.js";
import { takeDrops } from "./dropping.js";
import { announce, hideBanner, showBanner, toastProblem } from "./notices.js";
import { follow } from "./router.js";
import { Session } from "./session.js";
import { Studio } from "./studio.js";

const session = new Session();
listen({
  keyWanted: () => session.askForKey(),
  away: () => showBanner("The server does not answer. The page goes on as soon as it is back."),
  back: () => { hideBanner(); announce("The server is back"); },
});

const studio = new Studio();
let library = null;
let view = "studio";

/** The library's code and style are fetched when it is first wanted. */
async function openLibrary() {
  if (!library) {
    const [{ Library }] = await Promise.all([import("./library.js"), withStyle("/web/library.css")]);
    library ??= new Library(session, { onChanged: debounced(countLibrary, 300) });
  }
  return library;
}

function withStyle(href) {
  const link = el("link", { rel: "stylesheet", href });
  const isThere = new Promise((resolve, reject) => Object.assign(link, { onload: resolve, onerror: reject }));
  document.head.append(link);
  return isThere;
}

async function countLibrary() {
  const { total } = await get("/music/facets");
  $("#library-size").textContent = total.toLocaleString("en");
  studio.brief.knowLibrary(total);
}

async function show(route) {
  const wanted = route.view === "library" ? "library" : "studio";
  view = wanted;
  const opened = wanted === "library" ? await openLibrary() : studio;
  // Somebody went on while the code was fetched.
  if (view !== wanted) return;
  for (const name of ["studio", "library"]) $(`#${name}`).hidden = name !== view;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash.startsWith(`#${view}`)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = view === "library" ? "Library – Score a Video" : "Score a Video";
  if (view === "library") studio.leave();
  await opened.open(route.params);
}

takeDrops({
  label() {
    if (document.querySelector("dialog[open]")) return null;
    if (view === "studio") return "Drop the video to find its music";
    return session.may("manage") ? "Drop music or folders to add them" : null;
  },
  async take(files) {
    if (view === "studio") studio.take(files);
    else (await openLibrary()).add(files);
  },
});

addEventListener("unhandledrejection", (event) => {
  if (event.reason?.code) toastProblem(event.reason);
});

const begun = session.begin();
follow(show);
await begun;
await countLibrary();

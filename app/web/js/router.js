/** The part of the address behind the `#`: which view is shown, and with what. `#studio?r=ID&mood=calm` */

const USUAL = "studio";

export function route() {
  const [view, query] = location.hash.slice(1).split("?");
  return { view: view || USUAL, params: new URLSearchParams(query) };
}

/** Opens a view, as a step that the browser's back button undoes. */
export function go(view, params) {
  location.hash = address(view, params);
}

/** Notes the state of the view that is open; no step of its own. */
export function note(view, params) {
  history.replaceState(null, "", `#${address(view, params)}`);
}

/** `show` hears the route now and at each change. */
export function follow(show) {
  addEventListener("hashchange", () => show(route()));
  show(route());
}

const address = (view, params) => (String(params ?? "") ? `${view}?${params}` : view);

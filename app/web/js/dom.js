/** Making and finding elements. Knows nothing of what they show. */

const SVG = "http://www.w3.org/2000/svg";

/** @returns {HTMLElement} */
export const $ = (selector, root = document) => root.querySelector(selector);

/**
 * An element with its properties and children. Functions become listeners (`onclick`), true an empty attribute;
 * null, undefined and false are left out, among children too.
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** One of the page's symbols, for the eye only. */
export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `#i-${name}` }));
}

export function setIcon(button, name) {
  $("use", button).setAttribute("href", `#i-${name}`);
}

/** A button that shows only a symbol; `label` is its name and its tooltip. */
export function iconButton(name, label, onclick, properties = {}) {
  return el("button", { type: "button", class: "plain", "aria-label": label, title: label, onclick, ...properties }, icon(name));
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child != null && child !== false));
}

/** Colours the part of a range input left of its thumb. */
export function paintRange(input) {
  const share = (input.value - input.min) / (input.max - input.min || 1);
  input.style.setProperty("--filled", `${share * 100}%`);
}

/** Calls `work` once `quiet_ms` have passed without another call. */
export function debounced(work, quiet_ms) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), quiet_ms);
  };
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function set(element, name, value) {
  if (value == null || value === false) return;
  if (typeof value === "function") element.addEventListener(name.slice(2), value);
  else element.setAttribute(name, value === true ? "" : value);
}

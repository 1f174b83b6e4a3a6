/** What a list is narrowed by, as the API's parameters. Knows no server and no page. */

export const LISTS = ["mood", "genre", "license", "artist"];
export const RANGES = ["bpm", "duration"];
export const FLAGS = ["vocals", "explicit"];
export const SHAPING = ["per_artist", "text_weight"];
const NARROWING = [...LISTS, ...RANGES.flatMap((name) => [`${name}_min`, `${name}_max`]), ...FLAGS];

/** Event `change` after every change made here. */
export class Filters extends EventTarget {
  #params = new URLSearchParams();

  /** `also`: names beside those that narrow, as a search text or a ranking's shaping. */
  constructor(also) {
    super();
    this.known = new Set([...NARROWING, ...also]);
  }

  /** Takes what is known of `params` in place of what was; tells nobody. */
  read(params) {
    this.#params = new URLSearchParams([...params].filter(([name]) => this.known.has(name)));
  }

  /** A copy, with `more` added. */
  params(more = {}) {
    return new URLSearchParams([...this.#params, ...Object.entries(more)]);
  }

  /** The same without what only a ranking is shaped by. */
  narrowing(more = {}) {
    return new URLSearchParams([...this.params(more)].filter(([name]) => !SHAPING.includes(name)));
  }

  get(name) {
    return this.#params.get(name);
  }

  has(name, value) {
    return this.#params.has(name, value);
  }

  /** How many values of this filter are set, both ends of a range counted as one. */
  count(name) {
    if (RANGES.includes(name)) return Number(this.#params.has(`${name}_min`) || this.#params.has(`${name}_max`));
    return this.#params.getAll(name).length;
  }

  /** Whether anything narrows the list; shaping and search words do not count. */
  get isEmpty() {
    return [...LISTS, ...RANGES, ...FLAGS].every((name) => !this.count(name));
  }

  /** One more value of a filter that takes several, or one less. */
  toggle(name, value) {
    if (this.#params.has(name, value)) this.#params.delete(name, value);
    else this.#params.append(name, value);
    this.#changed();
  }

  /** Sets single values; an empty one clears. */
  set(values) {
    for (const [name, value] of Object.entries(values)) {
      if (value === "" || value == null) this.#params.delete(name);
      else this.#params.set(name, value);
    }
    this.#changed();
  }

  /** Removes a filter as the API names it, a range with both its ends. */
  remove(name) {
    const range = RANGES.find((range) => name.startsWith(range));
    for (const each of range ? [`${range}_min`, `${range}_max`] : [name]) this.#params.delete(each);
    this.#changed();
  }

  clear() {
    for (const name of NARROWING) this.#params.delete(name);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

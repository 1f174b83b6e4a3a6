/** In which order tracks are shown. */

import { nameOf } from "./format.js";

/** By name; the first is the server's own and has no `key`. */
export const ORDERS = {
  newest: { label: "Newest first" },
  title: { label: "Title", key: (track) => nameOf(track).toLowerCase() },
  artist: { label: "Artist", key: (track) => (track.artist ?? "\uffff").toLowerCase() },
  bpm: { label: "Tempo", key: (track) => track.bpm ?? Infinity },
  duration_s: { label: "Length", key: (track) => track.duration_s },
};

export function ordered(tracks, { key }) {
  return key ? tracks.toSorted((one, other) => compared(key(one), key(other))) : tracks;
}

const compared = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

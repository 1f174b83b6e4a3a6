/** Tells the server what was played, chosen and rejected; each once, and nobody waits for it. */

import { call } from "./api.js";

const told = new Set();

/** `event`: played, chosen or rejected. */
export function tell(recommendationId, trackId, event) {
  const name = `${recommendationId} ${trackId} ${event}`;
  if (told.has(name)) return;
  told.add(name);
  call("POST", "/feedback", { json: { recommendation_id: recommendationId, track_id: trackId, event } }).catch(() => told.delete(name));
}

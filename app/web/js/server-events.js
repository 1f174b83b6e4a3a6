/** The server's event streams: the stages of a request, the progress of a job. */

import { get, serverBack } from "./api.js";
import { sleep } from "./dom.js";

/** States that a job does not leave. */
export const FINAL = new Set(["done", "failed", "cancelled"]);
const LONGEST_OPENING_MS = 1500;

/** Hears the stages of the request that will carry this id. `opened` resolves when the server listens, or soon after. */
export function followStages(requestId, onStage) {
  const source = new EventSource(`/stages/${requestId}`);
  const opened = new Promise((resolve) => {
    source.onopen = resolve;
    source.onerror = resolve;
    setTimeout(resolve, LONGEST_OPENING_MS);
  });
  source.addEventListener("stage", (event) => {
    const { stage } = JSON.parse(event.data);
    if (stage === "done" || stage === "failed") source.close();
    onStage(stage);
  });
  return { opened, close: () => source.close() };
}

/** Hears a job's every change, over restarts of the server; returns it in its final state. */
export async function followJob(id, onJob, signal) {
  for (;;) {
    const job = await watch(id, onJob, signal);
    signal?.throwIfAborted();
    if (job) return job;
    await serverBack();
    const found = await get(`/jobs/${id}`, undefined, signal);
    onJob(found);
    if (FINAL.has(found.state)) return found;
    await sleep(500);
  }
}

/** The job in its final state, or null where the stream broke off. */
function watch(id, onJob, signal) {
  return new Promise((resolve) => {
    const source = new EventSource(`/jobs/${id}/events`);
    const end = (job) => {
      source.close();
      resolve(job);
    };
    source.addEventListener("job", (event) => {
      const job = JSON.parse(event.data);
      onJob(job);
      if (FINAL.has(job.state)) end(job);
    });
    source.onerror = () => end(null);
    signal?.addEventListener("abort", () => end(null));
  });
}

/** One question to the server: which music fits this video? Sends it, and says how far it is. */

import { patiently } from "./api.js";
import { randomId, wordsOf } from "./format.js";
import { followStages } from "./server-events.js";
import { send } from "./transfer.js";

export const PAGE = 10;

/**
 * The server's answer. The video is kept until the ranking expires, so that it can be rendered.
 * @param {{file: File, title: string, keywords: string}} brief
 * @param {{onUpload: Function, onStage: Function, onWait: Function, signal: AbortSignal}} hooks
 */
export function recommend(brief, { onUpload, onStage, onWait, signal }) {
  return patiently(async () => {
    const requestId = randomId();
    const stages = followStages(requestId, onStage);
    try {
      await stages.opened;
      signal.throwIfAborted();
      const headers = { "X-Request-ID": requestId };
      const { body } = await send("/recommend", formOf(brief), { headers, onProgress: onUpload, signal });
      return body;
    } finally {
      stages.close();
    }
  }, { onWait, signal });
}

/** Small fields first: the server reads them before the file has come. */
function formOf({ file, title, keywords }) {
  const form = new FormData();
  if (title.trim()) form.append("title", title.trim());
  if (wordsOf(keywords).length) form.append("keywords", wordsOf(keywords).join(","));
  form.append("keep", "true");
  form.append("limit", PAGE);
  form.append("video", file, file.name);
  return form;
}

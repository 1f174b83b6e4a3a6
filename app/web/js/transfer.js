/** Uploads with progress, which `fetch` does not tell. */

import { ApiError, networkError, problemOf, valueOf, withKey } from "./api.js";

/**
 * Posts a form. `onProgress` hears the share that has left, 0 to 1. Beside the server's problems there are "network",
 * and "file_changed" where a file of the form can no longer be read.
 * @returns {Promise<{status: number, body: object}>}
 */
export function send(path, form, { headers = {}, onProgress = () => {}, signal } = {}) {
  return withKey(() => sendOnce(path, form, { headers, onProgress, signal }));
}

async function sendOnce(path, form, { headers, onProgress, signal }) {
  signal?.throwIfAborted();
  const { request, isAnswered } = await sent(path, form, { headers, onProgress, signal });
  if (!isAnswered) throw await whyNoAnswer(form);
  const { status, responseText: text } = request;
  if (status >= 400) throw problemOf(status, (name) => request.getResponseHeader(name), text);
  return { status, body: valueOf(status, text) };
}

function sent(path, form, { headers, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open("POST", path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => resolve({ request, isAnswered: true });
    request.onerror = () => resolve({ request, isAnswered: false });
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);
    request.send(form);
  });
}

/** The browser says the same of a file that it cannot read and of a server that does not answer. */
async function whyNoAnswer(form) {
  for (const file of [...form.values()].filter((value) => value instanceof File)) {
    try {
      await file.slice(0, 1).arrayBuffer();
    } catch {
      return new ApiError({ code: "file_changed", status: 0, detail: "the file was changed or removed on this device" });
    }
  }
  return networkError();
}

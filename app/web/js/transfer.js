/** Uploads with progress, which `fetch` does not tell. */

import { networkError, problemOf, withKey } from "./api.js";

/**
 * Posts a form. `onProgress` hears the share that has left, 0 to 1.
 * @returns {Promise<{status: number, body: object}>}
 */
export function send(path, form, { headers = {}, onProgress = () => {}, signal } = {}) {
  return withKey(() => sendOnce(path, form, { headers, onProgress, signal }));
}

function sendOnce(path, form, { headers, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open("POST", path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      if (request.status < 400) resolve({ status: request.status, body: JSON.parse(request.responseText) });
      else reject(problemOf(request.status, (name) => request.getResponseHeader(name), request.responseText));
    };
    request.onerror = () => reject(networkError());
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);
    request.send(form);
  });
}

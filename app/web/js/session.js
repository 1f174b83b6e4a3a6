/** Who uses the page: asks for a key where the server wants one, and knows what it allows. The cookie keeps it. */

import { call, callWithoutKey, get } from "./api.js";
import { $ } from "./dom.js";
import { said } from "./problems.js";

const SCOPES = ["recommend", "manage", "admin"];

export class Session extends EventTarget {
  #who = null;
  #asking = null;

  /** Finds out who we are; asks for a key on the way where one is wanted. */
  async begin() {
    $("#sign-out").addEventListener("click", () => this.#end());
    this.#know(await get("/session"));
  }

  may(scope) {
    return SCOPES.indexOf(this.#who?.scope) >= SCOPES.indexOf(scope);
  }

  /** Asks for a key until one is accepted. Several who need one wait for the same dialog. */
  askForKey() {
    this.#asking ??= this.#ask().finally(() => { this.#asking = null; });
    return this.#asking;
  }

  #ask() {
    const [dialog, form, input, wrong] = ["#key-dialog", "#key-form", "#key", "#key-wrong"].map((name) => $(name));
    const open = () => dialog.open || dialog.showModal();
    dialog.addEventListener("cancel", keepOpen);
    // Browsers close it at the second Escape whatever `cancel` does.
    dialog.addEventListener("close", open);
    open();
    return new Promise((resolve) => {
      form.onsubmit = async (event) => {
        event.preventDefault();
        try {
          this.#know(await callWithoutKey("POST", "/session", { json: { key: input.value.trim() } }));
        } catch (error) {
          const { what, todo } = said(error);
          wrong.textContent = `${what} ${todo} (${error.code})`;
          input.select();
          return;
        }
        input.value = wrong.textContent = "";
        dialog.removeEventListener("close", open);
        dialog.close();
        resolve();
      };
    });
  }

  async #end() {
    await call("DELETE", "/session");
    location.reload();
  }

  #know(who) {
    this.#who = who;
    $("#who").hidden = !who.key_required;
    $("#who-name").textContent = who.name ?? "";
    this.dispatchEvent(new Event("change"));
  }
}

const keepOpen = (event) => event.preventDefault();

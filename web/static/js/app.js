// Begins what a page does beyond what it shows when it arrives.
import { h, render } from "../vendor/preact.js";
import { View, State, html } from "./view.js";
import { follow, state, asOf, held, missed, trouble, toggleHold } from "./live.js";
import { submit } from "./forms.js";
import { keys } from "./keys.js";
import { loginDialog } from "./dialog.js";
import { effect } from "../vendor/signals.js";

theme();
secrets();
if (document.body.classList.contains("app")) inside();
document.body.dataset.ready = "yes"; // keys and forms act

function inside() {
  keys();
  for (const form of document.querySelectorAll("#notice form")) form.addEventListener("submit", submit);
  const { topic, now, member } = document.body.dataset;
  if (!topic) return;
  const live = document.getElementById("live");
  const again = follow(topic, Number(now), () => render(h(View), live));
  badge(member);
  effect(() => {
    document.body.classList.toggle("stale", state.value === "cut" || state.value === "lapsed");
    if (state.value === "lapsed") queueMicrotask(() => loginDialog(account(), again));
  });
}

const account = () => document.querySelector("#who .quiet").textContent;

// What the bar says of the data of the page.
function badge(member) {
  const place = document.getElementById("stream");
  const clock = (ms) => new Date(ms).toTimeString().slice(0, 8);
  const Badge = () => {
    if (state.value === "waiting") return html`<${State} tone="idle" shape="wait" word="Connecting" />`;
    if (state.value !== "live") return html`<${State} tone="bad" shape="cut" word=${"Reconnecting, values of " + clock(asOf.value)} />`;
    if (held.value) return html`<${State} tone="warn" shape="pause" word="Held" /> <button type="button" onClick=${toggleHold}>${missed.value} new</button>`;
    if (trouble.value) return html`<${State} tone="warn" shape="warn" word=${trouble.value} />`;
    return html`<${State} tone="good" shape="ready" word="Live" /> <span class="age via">via ${member}</span>`;
  };
  place.replaceChildren();
  render(h(Badge), place);
}

// Colours: as chosen, else as the machine has them. The choice is kept for the next page.
function theme() {
  const root = document.documentElement;
  const form = document.querySelector("form.theme");
  const set = (dark) => {
    root.dataset.theme = dark ? "dark" : "light";
    document.cookie = `tandem-theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=strict` + (location.protocol === "https:" ? "; secure" : "");
    const button = form.querySelector("button");
    button.value = dark ? "0" : "1";
    button.setAttribute("aria-label", `Use ${dark ? "light" : "dark"} colours`);
  };
  if (!document.cookie.includes("tandem-theme=")) set(matchMedia("(prefers-color-scheme: dark)").matches);
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    set(root.dataset.theme !== "dark");
  });
}

// A password can be looked at.
function secrets() {
  for (const input of document.querySelectorAll("input[type=password]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show";
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-label", "Show password");
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
    });
    input.after(button);
  }
}

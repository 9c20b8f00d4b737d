// Begins what a page does beyond what it shows when it arrives.
import { h, render } from "../vendor/preact.js";
import { View, State, html } from "./view.js";
import { follow, state, asOf, held, missed, trouble, toggleHold } from "./live.js";
import { submit } from "./forms.js";
import { keys } from "./keys.js";
import { loginDialog } from "./dialog.js";
import { effect } from "../vendor/signals.js";
import { theme, secrets } from "./outside.js";

theme();
secrets();
if (document.body.classList.contains("app")) inside();
document.body.dataset.ready = "yes"; // keys and forms act

function inside() {
  keys();
  document.addEventListener("click", asks);
  if (document.body.classList.contains("board")) import("./board.js").then((b) => b.board());
  if (document.getElementById("news")) import("./news.js").then((n) => n.news());
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

// A question is asked over the page, by what is loaded for the first one.
function asks(e) {
  const link = e.target.closest("a[data-ask]");
  if (!link || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  e.preventDefault();
  import("./asks.js").then((a) => a.ask(link)).catch(() => (location.href = link.href));
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

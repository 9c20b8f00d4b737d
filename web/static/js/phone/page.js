// Begins the phone: the login, then the panels. The page itself is text of the server; what lives is painted here.
import { h, render } from "../../vendor/preact.js";
import { effect, signal, untracked } from "../../vendor/signals.js";
import { theme, secrets } from "../outside.js";
import { html, Icon, State } from "../marks.js";
import * as s from "./state.js";
import { Incoming, Active, Held, Ended, Dial, SoundNotice } from "./panel_calls.js";
import { People, Recent } from "./panel_people.js";
import { Messages } from "./panel_messages.js";
import { people, stand } from "./people.js";
import { unreadCount } from "./messages.js";
import { partyOf, stateOf } from "./words.js";
import { aim } from "./acts.js";
import { keys } from "./keys.js";
import { ring, ringElsewhere } from "./ringer.js";
import { tab, open } from "./opened.js";
import { short } from "./store.js";

/** For other scripts of the page, and for tests. */
export const phone = () => s.phone;
export { s as state };

const at = (id) => document.getElementById(id);
const agent = signal(null); // the module of an agent's panels
const title = document.title;
const form = at("login-form");

theme();
secrets();
keys();
render(h(Badge), at("state"));
render(h(Who), at("who"));
render(h(Phone), at("phone"));
render(h(Tabs), at("tabs"));
form.addEventListener("submit", submit);
addEventListener("hashchange", chosen);
addEventListener("beforeunload", (e) => s.calls.value.length > 0 && e.preventDefault());
chosen();
follow();
begin();
document.body.dataset.ready = "yes"; // keys and forms act

async function begin() {
  try {
    await s.resume();
  } catch {
    fault("The server does not answer. Your login is kept: try again with Reload.");
  }
}

function chosen() {
  const name = location.hash.slice(1);
  if (["call", "recent", "people", "messages", "agent"].includes(name)) tab.value = name;
}

function fault(text) {
  at("fault").hidden = text === "";
  at("fault-text").textContent = text;
}

async function submit(e) {
  e.preventDefault();
  const button = form.querySelector("button.go");
  const { account, password } = form.elements;
  button.disabled = true;
  fault("");
  try {
    await s.login(account.value.trim(), password.value);
    password.value = "";
  } catch (error) {
    fault(error.number === 515 ? "Account or password is wrong." : error.number === 0 ? "The server does not answer: " + error.message + "." : error.message + ".");
    password.focus();
  }
  button.disabled = false;
}

// What follows from what: places that are shown, the title, sounds, what is read out.
function follow() {
  effect(() => {
    const inside = !["idle", "connecting"].includes(s.state.value) || (s.state.value === "connecting" && s.account.value !== "");
    document.body.classList.toggle("out", !inside);
    at("login").hidden = inside;
    at("phone").hidden = at("tabs").hidden = !inside;
    if (s.cause.value === "expired") fault("The session has ended. Log in again.");
  });
  effect(() => {
    if (s.agent.value && !agent.value) import("./panel_agent.js").then((m) => (agent.value = m), () => (s.notice.value = "Your queues can not be shown. Load the page again."));
  });
  effect(() => (at("content").dataset.tab = tab.value));
  effect(() => (at("say").textContent = s.spoken.value));
  effect(() => {
    const first = s.incoming.value[0];
    document.title = first ? `${partyOf(first).replace(/[\u202a-\u202e\u2066-\u2069]/g, "")} calls - ${title}` : s.calls.value.length > 0 ? `In a call - ${title}` : title;
    ring(s.incoming.value.some((c) => c.state === "incoming") && s.active.value === null);
    ringElsewhere(s.active.value?.state === "ringing" && !s.active.value.early);
  });
  let before = "";
  effect(() => {
    const call = s.active.value;
    s.version.value;
    const what = call ? `${stateOf(call).word}: ${partyOf(call)}` : "";
    if (what === before) return;
    before = what;
    s.spoken.value = what || "No call";
    if (!call || call.state !== "connected") open.value = "";
  });
  effect(() => s.calls.value.forEach(aim));
  effect(() => {
    const inCall = s.active.value?.state === "connected" || s.held.value.length > 0;
    if (s.state.value === "online") untracked(() => stand(inCall).catch(() => {}));
  });
}

function Badge() {
  const say = (tone, shape, word) => html`<${State} tone=${tone} shape=${shape} word=${word} />`;
  switch (s.state.value) {
    case "idle":
      return null;
    case "connecting":
      return say("idle", "wait", "Connecting");
    case "online":
      return say("good", "ready", "Connected");
    case "reconnecting":
      return say("warn", "cut", s.calls.value.length > 0 ? "Reconnecting: audio goes on, control returns" : "Reconnecting");
  }
  return say("bad", "cut", "Ended");
}

function Who() {
  if (!s.account.value || s.state.value === "idle") return null;
  return html`<button type="button" class="plain" aria-label="Sound" onClick=${() => import("./devices.js").then((m) => m.devices())}><${Icon} name="gear" /></button>
    <button type="button" popovertarget="account" aria-label=${short(s.account.value) + ", your account"}><${Icon} name="people" /><span class="wide"><bdi>${short(s.account.value)}</bdi></span></button>
    <div class="pop" popover id="account"><p><b><bdi>${s.realName.value || short(s.account.value)}</bdi></b></p><p class="quiet"><bdi>${s.account.value}</bdi></p>
      <button type="button" onClick=${() => leave()}>Log out</button></div>`;
}

function leave() {
  if (s.calls.value.length > 0 && !confirm("Logging out ends your calls. Log out?")) return;
  s.logout();
}

function Gone() {
  if (s.state.value !== "ended") return null;
  const again = () => s.resume().then((back) => back || location.reload());
  return html`<div class="alert bad" role="alert"><${Icon} name="cut" /><span>The server has ended this session, or it goes on in another window.</span>
    <span class="end"><button type="button" class="tight" onClick=${again}>Use it here</button></span></div>`;
}

function Notice() {
  if (!s.notice.value) return null;
  return html`<div class="alert warn" role="alert"><${Icon} name="warn" /><span><bdi>${s.notice.value}</bdi></span>
    <span class="end"><button type="button" class="tight" onClick=${() => (s.notice.value = "")}>Close</button></span></div>`;
}

function Phone() {
  if (s.state.value === "idle") return null;
  const active = s.active.value;
  return html`<div class="stack left"><${People} /><${Recent} /></div>
    <div class="stack middle"><h1 class="vh">Phone of ${short(s.account.value)}</h1><${Gone} /><${Notice} /><${SoundNotice} />
      ${s.incoming.value.map((c) => html`<${Incoming} key=${c.leg} call=${c} />`)}
      <div class="stack" data-part="call">
        ${active ? html`<${Active} key=${active.leg} call=${active} />` : null}
        ${s.held.value.map((c) => html`<${Held} key=${c.leg} call=${c} />`)}
        ${s.ended.value.map((c) => html`<${Ended} key=${c.leg} call=${c} />`)}
        ${active ? null : html`<${Dial} />`}</div></div>
    <div class="stack right">${agent.value && html`<${agent.value.Panels} />`}<${Messages} /></div>
    <datalist id="known">${people.value.map((c) => html`<option value=${short(c.peer)}>${c.name}</option>`)}</datalist>`;
}

function Tabs() {
  const one = (name, shape, word, extra) => html`<a href=${"#" + name} aria-current=${tab.value === name ? "page" : undefined}><${Icon} name=${shape} />${word}${extra}</a>`;
  const count = unreadCount.value;
  return html`${one("call", "talk", "Call")}${one("recent", "wait", "Recent")}${one("people", "people", "People")}
    ${one("messages", "msg", count ? `Messages (${count})` : "Messages")}${agent.value && s.agent.value && one("agent", "head", "Agent")}`;
}

// The left of the phone: people and recent calls.
import { useSignal } from "../../vendor/signals.js";
import { html, Icon } from "../marks.js";
import { length } from "../format.js";
import * as s from "./state.js";
import * as acts from "./acts.js";
import { people, served, self, choose as stand, add, remove } from "./people.js";
import { recent } from "./history.js";
import { choose } from "./messages.js";
import { presenceOf, partyOf } from "./words.js";
import { short } from "./store.js";
import { tab } from "./opened.js";

const mine = [
  ["online", "Free"],
  ["busy", "Busy"],
  ["away", "Away"],
];

export function People() {
  const editing = useSignal(false);
  const present = (e) => stand(e.currentTarget.value).catch((err) => (s.notice.value = "Your state was not changed: " + err.message));
  return html`<section class="panel" data-part="people" aria-labelledby="h-people"><header><h2 id="h-people">People</h2>
    <span class="end"><button type="button" class="plain tight" aria-pressed=${String(editing.value)} onClick=${() => (editing.value = !editing.value)}>${editing.value ? "Done" : "Edit"}</button></span></header>
    ${served.value ? html`<div class="body self"><label>You are<select value=${self.value} onChange=${present}>${mine.map(([v, w]) => html`<option value=${v}>${w}</option>`)}</select></label></div>` : null}
    ${people.value.length === 0 ? html`<p class="note">Nobody yet. Edit adds somebody.</p>` : null}
    <ul class="people">${people.value.map((c) => html`<${Person} key=${c.peer} c=${c} editing=${editing.value} />`)}</ul>
    ${editing.value ? html`<${Add} />` : null}</section>`;
}

function Person({ c, editing }) {
  const p = presenceOf(c);
  const say = () => {
    choose(c.peer);
    tab.value = "messages";
  };
  return html`<li class="with"><button type="button" class=${"one " + p.tone} onClick=${() => acts.dial(c.peer)}><${Icon} name=${p.shape} />
    <span><span class="vh">Call </span><bdi>${c.name ? `${short(c.peer)} ${c.name}` : short(c.peer)}</bdi></span>
    <span class="d">${[p.word, c.status].filter(Boolean).map((w, i) => html`${i ? ", " : ""}<bdi>${w}</bdi>`)}</span></button>
    ${editing
      ? html`<button type="button" class="plain tight risk" aria-label=${"Remove " + short(c.peer)} onClick=${() => remove(c.peer).catch((e) => (s.notice.value = e.message))}>Remove</button>`
      : html`<button type="button" class="plain tight" aria-label=${"Write to " + short(c.peer)} onClick=${say}><${Icon} name="msg" /></button>`}</li>`;
}

function Add() {
  const submit = async (e) => {
    e.preventDefault();
    const form = e.currentTarget;
    const peer = form.elements.peer.value.trim();
    if (!peer) return;
    try {
      await add(peer, form.elements.name.value.trim());
      form.reset();
      form.elements.peer.focus();
    } catch (err) {
      s.notice.value = "Not added: " + err.message;
    }
  };
  return html`<form class="body stack" onSubmit=${submit}><label>Number or address<input name="peer" required maxlength="256" autocomplete="off" autocapitalize="none" spellcheck=${false} /></label>
    <label>Name<input name="name" maxlength="100" autocomplete="off" /></label><button>Add</button></form>`;
}

const clock = (ms) => {
  const d = new Date(ms);
  const today = new Date(s.now.value).toDateString() === d.toDateString();
  return today ? d.toTimeString().slice(0, 5) : d.toLocaleDateString(undefined, { day: "numeric", month: "short" });
};

export function Recent() {
  return html`<section class="panel" data-part="recent" aria-labelledby="h-recent"><header><h2 id="h-recent">Recent calls</h2></header>
    ${recent.value.length === 0 ? html`<p class="note">No calls yet. Dial 9196 to hear yourself.</p>` : null}
    <ul class="people">${recent.value.slice(0, 20).map((c) => html`<${Past} key=${c.began + c.peer} c=${c} />`)}</ul></section>`;
}

function Past({ c }) {
  const missed = c.direction === "in" && !c.answered && c.cause !== "declined" && !/elsewhere|completed/i.test(c.cause || "");
  const [tone, shape] = missed ? ["bad", "lost"] : c.answered ? ["good", c.direction === "in" ? "in" : "outc"] : ["idle", c.direction === "in" ? "in" : "outc"];
  const what = c.answered ? `${c.direction}, ${length(c.ended - c.answered)}` : missed ? "missed" : `${c.direction}, not answered`;
  return html`<li><button type="button" class=${"one " + tone} onClick=${() => acts.dial(c.peer)}><${Icon} name=${shape} />
    <span><span class="vh">Call </span><bdi>${partyOf(c)}</bdi></span><span class="age">${clock(c.began)}</span><span class="d">${what}</span></button></li>`;
}

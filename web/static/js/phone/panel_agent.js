// The panels of an agent: his state, his caller, his queues, his day.
import { html, Icon, State } from "../marks.js";
import { length } from "../format.js";
import * as a from "./agent.js";
import * as s from "./state.js";
import { recent } from "./history.js";
import { short, plain } from "./store.js";

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("../../agent.css", import.meta.url).href;
document.head.append(style);

const seconds = (ms) => length(Math.max(0, ms) - (Math.max(0, ms) % 1000));

/** All panels, in the right column. */
export function Panels() {
  const v = a.view.value;
  if (!s.agent.value || v?.state === "none") return null;
  return html`<${Agent} v=${v} /><${Caller} v=${v} /><${Queues} v=${v} /><${Day} v=${v} />`;
}

function Agent({ v }) {
  const st = a.stateOf(v);
  const busy = a.busy.value;
  const out = !v || v.state === "logged out";
  const on = (state) => String(busy ? (v.next || "ready") === state : v?.state === state);
  const one = (state, word, act, off) => html`<button type="button" aria-pressed=${on(state)} disabled=${off} onClick=${act}>${word}</button>`;
  return html`<section class="panel agent" data-part="agent" aria-labelledby="h-agent"><header><h2 id="h-agent">Agent <bdi>${v?.agent ?? ""}</bdi></h2>
    <span class="end"><${State} ...${st} /><span class="age" role="timer" aria-live="off" aria-label="In this state for">${v?.since ? seconds(a.now.value - v.since) : ""}</span></span></header>
    <div class="body stack">
      ${a.fault.value ? html`<p class="alert bad" role="alert"><${Icon} name="over" /><span><bdi>${a.fault.value}</bdi></span></p>` : null}
      ${v?.state === "wrap-up" ? html`<${WrapUp} v=${v} />` : null}
      <div class="seg" role="group" aria-label=${busy ? "After this call" : "State"}>
        ${one("ready", out ? "Log in" : "Ready", a.ready, !v)}${one("paused", "Pause", a.pause, out)}${one("logged out", "Log out", a.leave, out)}</div>
      ${busy ? html`<p class="quiet">${a.afterwards(v)}</p>` : null}
      ${v && !out && !v.reachable ? html`<p class="quiet">No phone of yours is there: connect this page or a telephone.</p>` : null}
      ${v?.outside && !busy ? html`<p class="quiet">In a call outside of queues: they wait.</p>` : null}
      <label>Pause reason<select value=${a.reason.value} disabled=${out} onChange=${(e) => a.because(e.currentTarget.value)}>
        ${reasonsOf(v).map((r) => html`<option value=${r}>${r}</option>`)}</select></label></div></section>`;
}

// The reasons to choose from, with one that came from elsewhere.
function reasonsOf(v) {
  return v?.reason && !a.reasons.includes(v.reason) ? [...a.reasons, v.reason] : a.reasons;
}

function WrapUp({ v }) {
  return html`<div class="row wrapup"><${Icon} name="wrap" /><b class="clock" role="timer" aria-live="off" aria-label="Wrap-up ends in">${seconds(v.wrapUpUntil - a.now.value + 999)}</b>
    <span class="end"><button type="button" class="tight" onClick=${a.ready}>Ready now</button><button type="button" class="tight" onClick=${a.more}>30 s more</button></span></div>`;
}

function Caller({ v }) {
  if (!v?.queue || !a.busy.value) return null;
  const wait = a.waited(v);
  const earlier = v.number ? recent.value.filter((c) => plain(c.peer) === plain(v.number) || short(c.peer) === short(v.number)) : [];
  return html`<section class="panel" data-part="agent" aria-labelledby="h-caller"><header><h2 id="h-caller">Current caller</h2></header><div class="body">
    <dl class="facts"><dt>Number</dt><dd><bdi>${v.number || "–"}</bdi> <bdi>${v.name && v.name !== v.number ? v.name : ""}</bdi></dd>
      <dt>Queue</dt><dd><bdi>${v.queue}</bdi></dd><dt>Waited</dt><dd>${wait < 0 ? "–" : seconds(wait)}</dd>
      <dt>Earlier calls</dt><dd>${earlier.length === 0 ? "none with you" : html`<ul>${earlier.slice(0, 3).map((c) => html`<li>${past(c)}</li>`)}</ul>`}</dd></dl><${Recording} /></div></section>`;
}

// Whether the call is recorded, and the button that keeps what is not for others out of it.
function Recording() {
  const is = a.recording.value;
  if (is === "none") return null;
  const off = is === "paused";
  return html`<div class="row recording"><${State} ...${off ? { tone: "warn", shape: "pause", word: "Recording paused" } : { tone: "live", shape: "ready", word: "Recorded" }} />
    <span class="end"><button type="button" class="tight" onClick=${() => a.record(off ? "resume" : "pause")}>${off ? "Record again" : "Pause recording"}</button></span></div>`;
}

function past(c) {
  const day = new Date(c.began).toLocaleString(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  return `${day}, ${c.direction}, ${c.answered ? length(c.ended - c.answered) : "not answered"}`;
}

function Queues({ v }) {
  const out = !v || v.state === "logged out";
  if (!v || v.queues.length === 0) return null;
  return html`<section class="panel" data-part="agent" aria-labelledby="h-queues"><header><h2 id="h-queues">My queues</h2></header>
    <table class="fix"><colgroup><col /><col class="w-num" /><col class="w-num" /><col class="w-in" /></colgroup>
    <thead><tr><th scope="col">Queue</th><th scope="col" class="num">Waiting</th><th scope="col" class="num">Longest</th><th scope="col">In</th></tr></thead>
    <tbody>${v.queues.map((q) => html`<${Queue} key=${q.name} q=${q} is=${a.queues.value.get(q.name)} out=${out} />`)}</tbody></table></section>`;
}

function Queue({ q, is, out }) {
  const longest = is?.longestSince ? seconds(a.now.value - is.longestSince) : is ? "0:00" : "–";
  const set = (e) => {
    e.preventDefault(); // it shows what is so, which the server says
    a.work(q.name, !q.on);
  };
  return html`<tr class=${is?.stale ? "stale" : ""}><th scope="row"><bdi>${q.name}</bdi></th>
    <td class=${"num" + (is?.waiting === 0 ? " zero" : "")}>${is ? is.waiting : "–"}</td>
    <td class=${"num" + (is && !is.longestSince ? " zero" : "")}>${longest}</td>
    <td><input type="checkbox" role="switch" checked=${q.on} disabled=${out} aria-label=${"Work in " + q.name} onClick=${set} /></td></tr>`;
}

// What has passed today, with the state in which he is.
function today(v) {
  const d = { ...v.day };
  const passed = Math.max(0, a.now.value - Math.max(v.since, d.begun));
  if (v.state !== "logged out") d.worked += passed;
  if (v.state === "talking") d.talk += passed;
  if (v.state === "wrap-up") d.wrapUp += passed;
  if (v.state === "paused") d.paused += passed;
  return d;
}

function Day({ v }) {
  if (!v?.day) return null;
  const d = today(v);
  const worked = d.worked - d.paused;
  return html`<section class="panel" data-part="agent" aria-labelledby="h-day"><header><h2 id="h-day">My day</h2></header><div class="body"><dl class="facts">
    <dt>Logged in</dt><dd>${v.loggedOn ? `${new Date(v.loggedOn).toTimeString().slice(0, 5)}, ` : ""}${seconds(d.worked)}</dd>
    <dt>Calls</dt><dd>${d.calls}</dd><dt>Talk</dt><dd>${seconds(d.talk)}</dd>
    <dt>Average talk</dt><dd>${d.calls ? seconds(v.day.talk / d.calls) : "–"}</dd><dt>Wrap-up</dt><dd>${seconds(d.wrapUp)}</dd><dt>Paused</dt><dd>${seconds(d.paused)}</dd>
    <dt>Occupancy</dt><dd>${worked > 0 ? (((d.talk + d.wrapUp) / worked) * 100).toFixed(1) + " %" : "–"}</dd></dl></div></section>`;
}

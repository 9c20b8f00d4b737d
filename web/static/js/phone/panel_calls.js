// The middle of the phone: what rings, what is spoken, what is on hold, and the keypad to call.
import { useSignal } from "../../vendor/signals.js";
import { useEffect, useRef } from "../../vendor/hooks.js";
import { html, Icon, State } from "../marks.js";
import { length } from "../format.js";
import * as s from "./state.js";
import * as acts from "./acts.js";
import { stateOf, partyOf, endOf, problems } from "./words.js";
import { recent } from "./history.js";
import { short } from "./store.js";

const letters = { 1: "\u00a0", 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ", "*": "\u00a0", 0: "+", "#": "\u00a0" };
const order = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

import { open, armed, dialled } from "./opened.js";

const Pill = ({ call }) => {
  const st = stateOf(call);
  return html`<span class=${`st pill ${st.tone}` + (st.shape === "ring" ? " ring" : "")}><${Icon} name=${st.shape} />${st.word}</span>`;
};

const Clock = ({ since }) => html`<span class="clock" role="timer" aria-live="off" aria-label="Duration">${length(Math.max(0, s.now.value - since) - (Math.max(0, s.now.value - since) % 1000))}</span>`;

const Keypad = ({ onDigit, label }) => html`<div class="keys" role="group" aria-label=${label}>
  ${order.map((d) => html`<button type="button" key=${d} onClick=${() => onDigit(d)}>${d}<small aria-hidden="true">${letters[d]}</small></button>`)}</div>`;

// Which queue has brought a call, and how long the caller has waited.
function fromQueue(call) {
  const q = s.about.value(call);
  return q && html`queue <bdi>${q.queue}</bdi>${q.waited < 0 ? "" : `, waited ${length(q.waited - (q.waited % 1000))}`}`;
}

/** A call that rings here. What appears is read out at once. */
export function Incoming({ call }) {
  s.version.value;
  const talking = s.active.value?.state === "connected";
  return html`<section class="panel call pend" role="alert" aria-label="Incoming call">
    <div class="row"><${Pill} call=${call} /><span class="quiet">${fromQueue(call) || html`call to <bdi>${short(s.account.value)}</bdi>`}</span></div>
    <div class="row"><div class="grow"><p class="who"><bdi>${partyOf(call)}</bdi></p>
      <p class="quiet">${talking ? "answering holds your call" : html`<bdi>${call.peer}</bdi>`}</p></div>
    <span class="ans"><button type="button" class="risk" onClick=${() => acts.decline(call)}><${Icon} name="end" />Decline<kbd class="wide">D</kbd></button>
      <button type="button" class="tone good" onClick=${() => acts.answer(call)}><${Icon} name="talk" />Answer<kbd class="wide">A</kbd></button></span></div>
    <${Redirect} call=${call} /></section>`;
}

function Redirect({ call }) {
  const to = useSignal("");
  const shown = useSignal(false);
  if (!shown.value) return html`<div class="row"><button type="button" class="plain tight" onClick=${() => (shown.value = true)}>Send elsewhere</button></div>`;
  const send = (e) => {
    e.preventDefault();
    if (to.value.trim()) acts.redirect(call, to.value.trim());
  };
  return html`<form class="row dial" onSubmit=${send}><label class="grow">Send the call to<input value=${to.value} onInput=${(e) => (to.value = e.currentTarget.value)} autocomplete="off" autocapitalize="none" spellcheck=${false} maxlength="256" /></label><button>Send</button></form>`;
}

// The level of the microphone, thirty marks wide. It is drawn without the machinery of the page, ten times a second.
function Meter() {
  const ref = useRef(null);
  useEffect(() => {
    const marks = [...ref.current.querySelectorAll("rect")];
    const timer = setInterval(() => {
      const on = Math.round((s.phone?.microphone.level() ?? 0) * marks.length);
      marks.forEach((m, i) => m.setAttribute("class", i < on ? "on" : "off"));
    }, 100);
    return () => clearInterval(timer);
  }, []);
  return html`<svg ref=${ref} class="meter" viewBox="0 0 119 6" preserveAspectRatio="none" role="img" aria-label="Microphone level">
    ${Array.from({ length: 30 }, (_, i) => html`<rect class="off" x=${i * 4} width="3" height="6" rx="1" />`)}</svg>`;
}

const grades = { good: ["good", "ready"], fair: ["warn", "warn"], poor: ["bad", "over"] };

function Quality({ call }) {
  if (call.broken) return html`<${State} tone="warn" shape="cut" word="Finding a new path" />`;
  const q = call.quality;
  if (!q) return html`<${State} tone="idle" shape="wait" word=${call.held || call.peerHeld ? "On hold" : "Listening"} />`;
  const [tone, shape] = grades[q.grade];
  return html`<span title=${q.reason}><${State} tone=${tone} shape=${shape} word=${q.reason ? `${q.word}: ${q.reason}` : "Good sound"} /></span>`;
}

function Transfer({ call }) {
  const to = useSignal("");
  const ref = useRef(null);
  useEffect(() => ref.current.focus(), []);
  const first = async () => {
    if (!to.value.trim()) return ref.current.focus();
    open.value = "";
    await acts.talkFirst(call, to.value);
  };
  const now = (e) => {
    e.preventDefault();
    if (!to.value.trim()) return ref.current.focus();
    open.value = "";
    acts.sendNow(call, to.value);
  };
  return html`<form class="stack transfer" onSubmit=${now}>
    <label>Transfer to<input ref=${ref} value=${to.value} onInput=${(e) => (to.value = e.currentTarget.value)} list="known" autocomplete="off" autocapitalize="none" spellcheck=${false} maxlength="256" /></label>
    <div class="row"><button class="go">Send now</button><button type="button" onClick=${first}>Talk first</button>
      <button type="button" class="plain" onClick=${() => (open.value = "")}>Cancel</button></div></form>`;
}

/** The call that is spoken to, or being made. */
export function Active({ call }) {
  s.version.value;
  const up = call.state === "connected";
  const toggle = (what) => (open.value = open.value === what ? "" : what);
  const context = fromQueue(call) || (call.transferring ? "transferring" : call.peerHeld ? "the other side holds the call" : call.direction === "in" ? "incoming call" : call.early ? "outgoing call, sound before the answer" : "outgoing call");
  return html`<section class=${"panel call " + stateOf(call).tone} aria-labelledby="h-call">
    <div class="row"><${Pill} call=${call} /><span class="quiet">${context}</span></div>
    <div class="row nowrap"><div class="name"><h2 class="who" id="h-call"><bdi>${partyOf(call)}</bdi></h2><p class="quiet"><bdi>${call.peer}</bdi></p></div>
      ${up ? html`<${Clock} since=${call.answered} />` : null}</div>
    ${up ? html`<div class="row nowrap level"><${Icon} name="mic" /><${Meter} /></div><p class="quality"><${Quality} call=${call} /></p>` : null}
    <div class="acts">
      <button type="button" disabled=${!up} aria-pressed=${String(call.muted)} onClick=${() => acts.mute(call)}><${Icon} name="mic" />Mute</button>
      <button type="button" disabled=${!up} aria-pressed="false" onClick=${() => acts.hold(call)}><${Icon} name="hold" />Hold</button>
      <button type="button" disabled=${!up} aria-pressed=${String(open.value === "keys")} onClick=${() => toggle("keys")}><${Icon} name="pad" />Keys</button>
      <button type="button" disabled=${!up || call.transferring} aria-pressed=${String(open.value === "transfer")} onClick=${() => toggle("transfer")}><${Icon} name="xfer" />Transfer</button>
      <button type="button" class="risk" onClick=${() => acts.end(call)}><${Icon} name="end" />${armed.value ? "E again" : "End"}</button></div>
    ${up && open.value === "transfer" ? html`<${Transfer} call=${call} />` : null}
    ${up && open.value === "keys" ? html`<output class="sent mono" aria-label="Digits sent">${call.digits || "\u00a0"}</output><${Keypad} label="Keypad" onDigit=${(d) => acts.press(call, d)} />` : null}
  </section>`;
}

/** A call on hold. */
export function Held({ call }) {
  s.version.value;
  const other = s.active.value;
  const joinable = other && other.state === "connected";
  return html`<section class="panel call idle slim" aria-label="Call on hold"><div class="row"><${Pill} call=${call} />
    <b class="name"><bdi>${partyOf(call)}</bdi></b><span class="age">${length(Math.max(0, s.now.value - call.answered))}</span>
    <span class="end">${joinable ? html`<button type="button" class="tight" disabled=${call.transferring} onClick=${() => acts.join(call, other)}>Join</button>` : null}
      <button type="button" class="tight" onClick=${() => (other ? acts.swap(call) : acts.hold(call))}>${other ? "Swap" : "Take back"}</button>
      <button type="button" class="tight risk" aria-label=${"End the call on hold with " + partyOf(call)} onClick=${() => acts.end(call)}>End</button></span></div></section>`;
}

/** A call that has just ended, and why. */
export const Ended = ({ call }) => html`<section class=${"panel call slim " + stateOf(call).tone} aria-label="Call that has ended"><div class="row"><${Pill} call=${call} />
  <span class="grow"><bdi>${endOf(call)}</bdi></span><span class="end"><button type="button" class="tight" onClick=${() => (s.dismiss(call), acts.dial(call.peer))}>Call back</button>
  <button type="button" class="tight plain" aria-label="Close" onClick=${() => s.dismiss(call)}>Close</button></span></div></section>`;

/** Field and keypad to call somebody. */
export function Dial() {
  const set = (text) => (dialled.value = text);
  const call = (e) => {
    e.preventDefault();
    const text = dialled.value.trim();
    if (!text) {
      const last = recent.value.find((c) => c.direction === "out");
      if (last) set(short(last.peer));
      return;
    }
    set("");
    acts.dial(text);
  };
  return html`<section class="panel call dialpad" aria-labelledby="h-dial"><h2 id="h-dial" class="vh">Call somebody</h2>
    <form class="row nowrap dial" onSubmit=${call}><label class="grow">Number or address
      <input name="peer" value=${dialled.value} onInput=${(e) => set(e.currentTarget.value)} list="known" autocomplete="off" autocapitalize="none" spellcheck=${false} maxlength="256" placeholder="9196" /></label>
      <button class="go"><${Icon} name="talk" />Call</button></form>
    <${Keypad} label="Keypad to dial" onDigit=${(d) => set(dialled.value + d)} />
    ${s.calls.value.length === 0 ? html`<p class="quiet">Dial 9196 to hear yourself. Enter in an empty field brings the last number back.</p>` : null}</section>`;
}

/** What is wrong with the sound, and how to mend it. */
export function SoundNotice() {
  const { kind, problem } = s.source.value;
  if (s.silent.value) {
    const hear = () => {
      s.silent.value = false;
      s.phone.each((c) => c.media.player.play());
    };
    return html`<div class="alert warn"><${Icon} name="warn" /><span>The browser plays no sound before you touch the page.</span><span class="end"><button type="button" class="tight" onClick=${hear}>Hear it</button></span></div>`;
  }
  if (kind === "asking") return html`<div class="alert warn" role="status"><${Icon} name="mic" /><span>The browser asks whether this page may use the microphone: the call waits for your answer there.</span></div>`;
  if (kind !== "tone") return null;
  return html`<div class="alert warn"><${Icon} name="mic" /><span>${problems[problem]}</span>
    ${problem === "insecure" ? null : html`<span class="end"><button type="button" class="tight" onClick=${acts.microphoneAgain}>Try again</button></span>`}</div>`;
}

// The agent of the page: what it knows of him, and what he can do. It is loaded when the account is an agent's, with its
// panels and its style, since most are none.
import { signal, computed, effect, untracked } from "../../vendor/signals-core.js";
import { Agent } from "../../ximss/agent.js";
import * as s from "./state.js";
import { lettersOn } from "./keys.js";
import { short, plain } from "./store.js";

/** How he stands, as Agent.state; null: nothing is known yet. */
export const view = signal(null);
/** His queues: Map by name, as Agent.queues. */
export const queues = signal(new Map());
/** The time, each second while he works. */
export const now = signal(Date.now());
/** The reason that is chosen for the next pause. */
export const reason = signal("Break");
/** How his call is recorded: "none", "on" or "paused". */
export const recording = signal("none");
/** What was refused last. */
export const fault = signal("");

export const reasons = ["Break", "Lunch", "Meeting", "Training", "Back office"];

/** @type {Agent|null} */
let agent = null;
let said = "";
let heard = ""; // the call of which it was asked how it is recorded

setInterval(() => (now.value = Date.now()), 1000);
addEventListener("keydown", key);
s.about.value = about;
effect(() => {
  view.value = agent = null;
  said = fault.value = "";
  if (s.agent.value) untracked(begin);
});

// Begins with the session that the page has now.
function begin() {
  const one = (agent = new Agent(s.phone.connection));
  queues.value = new Map();
  one.addEventListener("state", () => one === agent && stands(one.state));
  one.addEventListener("queues", () => one === agent && (queues.value = new Map(one.queues)));
  one.watch().catch((e) => (fault.value = `Your state as an agent is not known: ${e.message}.`));
}

function stands(v) {
  view.value = v;
  listen(v);
  now.value = Date.now();
  const what = sentence(v);
  if (what !== said) s.spoken.value = said = what;
}

// Asks how his call is recorded, and again a little later: a queue begins that when the two talk already.
function listen(v) {
  const call = v.state === "talking" ? v.caller : "";
  if (call === heard) return;
  heard = call;
  recording.value = "none";
  const one = agent;
  const ask = (...later) =>
    one.recording().catch(() => "none").then((is) => {
      if (one !== agent || heard !== call) return;
      if (recording.value === "none") recording.value = is; // else he has turned it meanwhile
      if (is === "none" && later.length > 0) setTimeout(() => heard === call && ask(...later.slice(1)), later[0]);
    });
  if (call) ask(1000, 3000);
}

/** Tells whether a queue has him. */
export const busy = computed(() => ["reserved", "ringing", "talking"].includes(view.value?.state));

/** His state as tone, shape and word. */
export function stateOf(v) {
  const is = (tone, shape, word) => ({ tone, shape, word });
  switch (v?.state) {
    case "logged out":
      return is("idle", "out", "Logged out");
    case "ready":
      return v.reachable ? is("good", "ready", "Ready") : is("bad", "lost", "Unreachable");
    case "reserved":
      return is("pend", "reserved", "Reserved");
    case "ringing":
      return is("pend", "ring", "Ringing");
    case "talking":
      return is("live", "talk", "Talking");
    case "wrap-up":
      return is("live", "wrap", "Wrap-up");
    case "paused":
      return is("warn", "pause", v.reason ? `Paused: ${v.reason}` : "Paused");
  }
  return is("idle", "cut", "Not known");
}

/** What he has chosen for after his call, as a sentence; "" if he has no call. */
export function afterwards(v) {
  if (!busy.value) return "";
  if (v.next === "paused") return `After this call: Paused${v.reason ? ", " + v.reason : ""}.`;
  return v.next === "logged out" ? "After this call: Logged out." : "After this call: Ready.";
}

// What is read out: the state, and what comes afterwards.
function sentence(v) {
  return `Agent: ${stateOf(v).word}. ${v.next ? afterwards(v) : ""}`.trim();
}

// Does something, and says what was refused.
async function attempt(act) {
  fault.value = "";
  try {
    await act();
  } catch (e) {
    fault.value = e.message.charAt(0).toUpperCase() + e.message.slice(1) + ".";
  }
}

export const ready = () => attempt(() => (view.value?.state === "logged out" ? agent.login() : agent.ready()));
export const pause = () => attempt(() => agent.pause(reason.value));
export const leave = () => attempt(() => agent.logout());
export const more = () => attempt(() => agent.moreWrapUp(30));
export const record = (turn) => attempt(async () => (recording.value = await agent.recording(turn)));
export const work = (queue, on) => attempt(() => agent.queue(queue, on));

/** Chooses a reason. In a pause it is the reason of that. */
export function because(word) {
  reason.value = word;
  if (view.value?.state === "paused" || view.value?.next === "paused") pause();
}

// P pauses, and ends a pause.
function key(e) {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.key.toLowerCase() !== "p" || !lettersOn()) return;
  if (e.target.closest("input, select, textarea, [contenteditable], dialog") || !view.value || view.value.state === "logged out") return;
  e.preventDefault();
  if (view.value.state === "paused" || view.value.next === "paused") ready();
  else pause();
}

/** How long his caller has waited, in ms: until he was rung or answered; -1 if that is not known. */
export function waited(v) {
  if (!v?.callerSince) return -1;
  const until = v.state === "talking" ? v.since : now.value;
  return Math.max(0, until - v.callerSince);
}

// What is said of a call that a queue has brought: its queue, and how long the caller has waited.
function about(call) {
  const v = view.value;
  if (!v?.queue || call.direction !== "in" || call.state === "ended") return "";
  if (v.number && plain(call.peer) !== plain(v.number) && short(call.peer) !== short(v.number)) return "";
  return { queue: v.queue, waited: waited(v) };
}

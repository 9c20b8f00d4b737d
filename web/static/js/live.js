// What a page knows of its topic: parts by key, as signals, so that a cell is painted anew when its row
// changes and not otherwise.
import { signal, batch } from "../vendor/signals.js";
import { Stream, serve } from "./stream.js";
import { hand, watch } from "./steady.js";

const aliveEvery = 30000; // ms between two signs of life to the worker
const goneFor = 5000; // ms for which a row that has ended stays, greyed

const parts = new Map(); // key -> signal of the part
const panels = new Map(); // key -> panel as it was told; its part may have its rows otherwise
const leaving = new Set(); // keys of parts that are no more; their rows may be shown yet
const ended = new Map(); // panel and row -> when a row that has ended may go, ms
export const state = signal("waiting"); // waiting, live, cut, lapsed
export const asOf = signal(0); // ms, when the values were told, by the member's clock
export const trouble = signal("");
export const tick = signal(Date.now()); // each second, unless the values are stale
export const held = signal(false); // the page is frozen
export const missed = signal(0); // changes since then
let offset = 0; // the member's clock less ours, ms
let version = 0;
let pending = null; // what has come while held

/** The member's clock. */
export const now = () => tick.value + offset;

/** The signal of a part. */
export function part(key) {
  if (!parts.has(key)) parts.set(key, signal(undefined));
  return parts.get(key);
}

/** Follows the page's topic. ready is called once, when there is something to paint. */
export function follow(topic, renderedAt, ready) {
  offset = renderedAt - Date.now();
  const port = connect();
  const send = (what) => port.postMessage(what);
  port.onmessage = (e) => {
    receive(e.data, topic);
    if (ready && part("view").value) {
      ready();
      ready = null;
    }
  };
  watch(() => batch(() => panels.forEach((_, key) => show(key))));
  send({ kind: "follow", topics: [topic] });
  setInterval(() => send({ kind: "alive" }), aliveEvery);
  setInterval(() => {
    if (state.value === "live") tick.value = Date.now();
  }, 1000);
  addEventListener("pagehide", () => send({ kind: "follow", topics: [] }));
  addEventListener("pageshow", (e) => e.persisted && send({ kind: "follow", topics: [topic] }));
  return () => send({ kind: "follow", topics: [topic] });
}

function connect() {
  if ("SharedWorker" in globalThis) {
    const worker = new SharedWorker(new URL("./worker.js", import.meta.url), { type: "module", name: "tandem" });
    worker.port.start();
    return worker.port;
  }
  const pair = new MessageChannel();
  serve(new Stream(), pair.port2);
  pair.port1.start();
  return pair.port1;
}

function receive(what, topic) {
  if (what.kind === "lapsed" || what.kind === "cut") state.value = what.kind;
  if (what.kind === "beat") {
    offset = what.time - Date.now();
    state.value = "live";
  }
  if (what.kind === "change" && what.message.topic === topic) {
    if (!what.polled) state.value = "live";
    if (held.value) hold(what.message);
    else batch(() => apply(what.message));
  }
}

// Keeps what comes while the page is frozen: the latest of each part.
function hold(m) {
  if (m.whole || !pending) pending = { ...m, parts: { ...m.parts }, gone: [...(m.gone || [])] };
  else {
    Object.assign(pending.parts, m.parts);
    pending.gone = pending.gone.concat(m.gone || []).filter((k) => !(k in m.parts));
    pending.version = m.version;
    pending.time = m.time;
    pending.trouble = m.trouble;
  }
  missed.value++;
}

/** Freezes the page, or lets it go on. */
export function toggleHold() {
  held.value = !held.value;
  if (held.value) return;
  if (pending) batch(() => apply(pending));
  pending = null;
  missed.value = 0;
}

function apply(m) {
  version = m.version;
  asOf.value = m.time;
  trouble.value = m.trouble || "";
  tick.value = Date.now();
  const told = [];
  for (const key of m.gone || []) leaving.add(key);
  if (m.whole && m.parts?.view) for (const key of [...parts.keys(), ...panels.keys()]) leaving.add(key);
  for (const [key, value] of Object.entries(m.parts ?? {})) {
    leaving.delete(key);
    const panel = key.startsWith("p/");
    const old = panel ? panels.get(key) : part(key).value;
    if (m.whole && JSON.stringify(old) === JSON.stringify(value)) continue;
    if (panel) {
      panels.set(key, value);
      told.push(key);
    } else part(key).value = value;
  }
  told.forEach(show);
  setTimeout(forget);
}

// Forgets parts that are no more, when no row shows them.
function forget() {
  for (const key of leaving) {
    const [, panel, row] = key.match(/^r\/([^/]*)\/(.*)$/s) ?? [];
    if (panel && part("p/" + panel).value?.rows?.includes(row)) continue;
    leaving.delete(key);
    panels.delete(key);
    parts.delete(key);
  }
}

// Shows a panel. Nothing jumps below the hand of the reader: what has ended stays in its place, what is new comes at the end,
// or, in a panel above, which would push the others down, not yet.
function show(key) {
  const told = panels.get(key);
  if (!told) return; // it is no more
  const old = part(key).value;
  part(key).value = old && old.rows && told.table ? { ...told, ...arrange(key, old.rows, told) } : told;
  setTimeout(forget);
}

function arrange(key, before, told) {
  const gone = before.filter((r) => !told.rows.includes(r));
  const fresh = told.rows.filter((r) => !before.includes(r));
  for (const r of told.rows) ended.delete(key + " " + r);
  const order = part("view").value?.panels ?? [];
  const [mine, here] = [order.indexOf(key.slice(2)), order.indexOf(hand())];
  if (here >= 0 && mine === here) return { rows: [...before, ...fresh], gone };
  if (here >= 0 && mine < here) return { rows: before, gone, later: fresh.length };
  const staying = told.table.events ? gone.filter((r) => stays(key, r)) : [];
  const rows = [...told.rows];
  for (const r of staying) rows.splice(Math.min(before.indexOf(r), rows.length), 0, r);
  return { rows, gone: staying };
}

// Rows of events that have ended stay for a while where they were.
function stays(key, row) {
  const name = key + " " + row;
  if (!ended.has(name)) {
    ended.set(name, Date.now() + goneFor);
    setTimeout(() => show(key), goneFor + 50);
  }
  const stay = ended.get(name) > Date.now();
  if (!stay) ended.delete(name);
  return stay;
}

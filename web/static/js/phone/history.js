// Recent calls of the account: what the server knows when one logs in, and what this page has seen since.
import { signal } from "../../vendor/signals-core.js";
import { read, write, plain } from "./store.js";

const most = 50;
const sameCall = 5000; // ms that two clocks may differ for the same call

/** Newest first: {peer, name, direction, began, answered, ended, cause}. */
export const recent = signal([]);

let account = "";

/** Forgets what is shown, before somebody logs in. */
export function clear() {
  account = "";
  recent.value = [];
}

/** Shows what is kept for an account. */
export function open(name) {
  account = plain(name);
  recent.value = merge(recent.value, read(localStorage, "calls:" + account, []));
}

/** Asks the server, while the password is at hand. */
export async function fetched(name, password) {
  const bytes = new TextEncoder().encode(name + ":" + password);
  const answer = await fetch("/user/calls", { headers: { Authorization: "Basic " + btoa(String.fromCharCode(...bytes)), Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const { calls } = await answer.json();
  recent.value = merge(calls.map((c) => ({ ...c, began: Date.parse(c.began), answered: c.answered ? Date.parse(c.answered) : 0, ended: Date.parse(c.ended) })), recent.value);
  keep();
}

// What the first list says counts.
function merge(first, second) {
  const all = [...first];
  for (const c of second) {
    if (!all.some((x) => x.direction === c.direction && Math.abs(x.began - c.began) < sameCall && plain(x.peer) === plain(c.peer))) all.push(c);
  }
  return all.sort((a, b) => b.began - a.began).slice(0, most);
}

function keep() {
  if (account) write(localStorage, "calls:" + account, recent.value);
}

/** Adds a call that has ended. */
export function add(call) {
  const { peer, peerName, direction, began, answered, ended, cause, by } = call;
  const entry = { peer, name: peerName, direction, began, answered, ended, cause: by === "us" && !answered && direction === "in" ? "declined" : cause };
  recent.value = [entry, ...recent.value].slice(0, most);
  keep();
}

// Contacts and whether they are there. The server keeps them if it can; else the browser does, without presence.
import { signal } from "../../vendor/signals-core.js";
import { read, write, plain } from "./store.js";

const most = 200;

/** In order of name: {peer, name, presence, status}; presence is "" where nobody knows. */
export const people = signal([]);
/** The server keeps the contacts. */
export const served = signal(false);

/** How we are, as chosen: online, busy, away. */
export const self = signal(read(sessionStorage, "self", "online"));

let account = "";
let phone = null;
let said = ""; // what the server knows of us
let talking = false;
const heard = new Map(); // presence that came before its contact

/** Forgets who is there, before somebody logs in. */
export function clear() {
  heard.clear();
  people.value = [];
}

/** Begins with the contacts of an account. */
export async function open(name, p) {
  account = plain(name);
  phone = p;
  let list;
  try {
    list = await p.roster();
    served.value = true;
  } catch {
    list = read(localStorage, "people:" + account, []);
    served.value = false;
  }
  people.value = [];
  for (const c of list) changed(c);
  said = "";
  await stand(talking);
}

/** Says how we are, which is busy in a call whatever was chosen. @throws {XIMSSError} */
export async function stand(inCall) {
  talking = inCall;
  const word = talking ? "busy" : self.value;
  if (!served.value || !phone || said === word + talking) return;
  said = word + talking;
  await phone.present(word, talking ? "in a call" : "");
}

/** Chooses how we are. @throws {XIMSSError} */
export function choose(word) {
  self.value = word;
  write(sessionStorage, "self", word);
  return stand(talking);
}

/** A contact is new, or is called something else. */
export function changed({ peer, name, subscription }) {
  const others = people.value.filter((c) => plain(c.peer) !== plain(peer));
  if (subscription === "remove") people.value = others;
  else {
    const before = people.value.find((c) => plain(c.peer) === plain(peer)) || heard.get(plain(peer)) || {};
    const one = { presence: "", status: "", ...before, peer, name: name || before.name || "" };
    people.value = [...others, one].sort((a, b) => (a.name || a.peer).localeCompare(b.name || b.peer)).slice(0, most);
  }
  if (!served.value) write(localStorage, "people:" + account, people.value.map(({ peer: p, name: n }) => ({ peer: p, name: n })));
}

/** Somebody came, went, or is busy. */
export function seen({ peer, presence, status }) {
  heard.set(plain(peer), { presence, status });
  if (heard.size > most * 2) heard.delete(heard.keys().next().value);
  people.value = people.value.map((c) => (plain(c.peer) === plain(peer) ? { ...c, presence, status } : c));
}

/** Adds a contact. @throws {XIMSSError} */
export async function add(peer, name) {
  if (served.value) await phone.keep(peer, name);
  changed({ peer, name });
}

/** Removes a contact. @throws {XIMSSError} */
export async function remove(peer) {
  if (served.value) await phone.drop(peer);
  changed({ peer, subscription: "remove" });
}

/** What a contact is called, "" if it is none. */
export const nameOf = (peer) => people.value.find((c) => plain(c.peer) === plain(peer))?.name || "";

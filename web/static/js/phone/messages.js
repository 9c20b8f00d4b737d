// Instant messages, by whom they are exchanged with.
import { signal, computed } from "../../vendor/signals-core.js";
import { read, write, plain, short } from "./store.js";
import * as s from "./state.js";

const most = 200; // of all conversations together
const writingFor = 15000; // ms that "writes" is believed

/** All, oldest first: {peer, name, text, time, out, fault}. */
export const all = signal([]);
/** With whom the open conversation is, "" for none. */
export const partner = signal("");
/** Conversations with something unread, by address. */
export const unread = signal({});
/** Who writes just now. */
export const writing = signal("");

let account = "";
let timer = 0;

export const unreadCount = computed(() => Object.values(unread.value).reduce((a, b) => a + b, 0));

/** The last message of each conversation, newest first. */
export const conversations = computed(() => {
  const last = new Map();
  for (const m of all.value) {
    last.delete(plain(m.peer));
    last.set(plain(m.peer), m);
  }
  return [...last.values()].reverse();
});

/** Those of the open conversation. */
export const shown = computed(() => all.value.filter((m) => plain(m.peer) === plain(partner.value)));

/** Shows what is kept for an account. */
export function open(name) {
  account = plain(name);
  partner.value = writing.value = "";
  unread.value = {};
  all.value = read(localStorage, "messages:" + account, []);
}

function keep(list) {
  all.value = list.slice(-most);
  write(localStorage, "messages:" + account, all.value);
}

/** A message came, or somebody writes one. */
export function arrived({ peer, peerName, kind, text, time }) {
  clearTimeout(timer);
  writing.value = kind === "composing" ? peer : "";
  if (kind === "composing") timer = setTimeout(() => (writing.value = ""), writingFor);
  if (kind !== "text") return;
  keep([...all.value, { peer, name: peerName, text, time, out: false }]);
  s.spoken.value = `Message from ${peerName || short(peer)}`;
  if (plain(peer) !== plain(partner.value)) unread.value = { ...unread.value, [plain(peer)]: (unread.value[plain(peer)] || 0) + 1 };
}

/** Opens a conversation; "" closes it. */
export function choose(peer) {
  partner.value = peer;
  const { [plain(peer)]: _, ...rest } = unread.value;
  unread.value = rest;
}

/** Sends a message to the open conversation. */
export async function send(text) {
  const entry = { peer: partner.value, name: "", text, time: Date.now(), out: true };
  keep([...all.value, entry]);
  try {
    await s.phone.say(entry.peer, text);
  } catch (e) {
    keep(all.value.map((m) => (m === entry ? { ...m, fault: e.message } : m)));
    s.spoken.value = "The message was not delivered";
  }
}

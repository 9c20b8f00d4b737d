// What the page knows, as signals, and the way in and out.
import { signal, computed } from "../../vendor/signals-core.js";
import { Connection, Phone, isGone } from "../../ximss/ximss.js";
import { read, write, settle } from "./store.js";
import * as history from "./history.js";
import * as people from "./people.js";
import * as messages from "./messages.js";

/** idle (nobody has logged in), connecting, online, reconnecting, ended. */
export const state = signal("idle");
/** Why the session ended: "", bye, expired, closed. */
export const cause = signal("");
export const account = signal("");
export const realName = signal("");
/** The agent of queues to whom the account belongs, "" for none. */
export const agent = signal("");
/** What is known of a call's queue: a function of the call, {queue, waited} or "". @see agent.js */
export const about = signal(() => "");
/** Seconds that pass while calls live. */
export const now = signal(Date.now());
/** Changes whenever something of a call does. */
export const version = signal(0);
/** Calls that live, in the order in which they began. @type {Signal<Call[]>} */
export const calls = signal([]);
/** Calls that have just ended. */
export const ended = signal([]);
/** What went wrong last, and stays until it is closed. */
export const notice = signal("");
/** What the screen reader says: politely, and at once. */
export const spoken = signal("");
export const shouted = signal("");
/** Where the sound comes from: none, microphone, tone; and why a tone. */
export const source = signal({ kind: "none", problem: "" });
/** The browser plays nothing until somebody touches the page. */
export const silent = signal(false);

/** The phone of the page, null before the login. @type {Phone|null} */
export let phone = null;

const endedFor = 8000; // ms that a call stays on screen when it has ended
const failedFor = 30000;

export const incoming = computed(() => (version.value, calls.value.filter((c) => c.state === "incoming")));
export const held = computed(() => (version.value, calls.value.filter((c) => c.state === "connected" && c.held)));
/** The call that is spoken to, or being made. */
export const active = computed(() => {
  version.value;
  const shown = calls.value.filter((c) => c.state !== "incoming" && !(c.state === "connected" && c.held));
  return shown[shown.length - 1] || null;
});

const kept = () => read(sessionStorage, "session", null);

/** The identity of this browser's tab among the devices of the account. */
function device() {
  const id = read(sessionStorage, "device", "") || "b-" + Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
  write(sessionStorage, "device", id);
  return id;
}

function make() {
  const connection = new Connection();
  connection.addEventListener("state", (e) => {
    if (e.detail !== "idle" || state.value === "idle") state.value = e.detail;
  });
  connection.addEventListener("renewed", keep);
  connection.addEventListener("renewed", () => people.open(account.value, phone).catch(() => {}));
  connection.addEventListener("ended", (e) => over(e.detail));
  phone = new Phone(connection);
  phone.addEventListener("call", () => version.value++);
  phone.addEventListener("call", (e) => e.detail.state !== "ended" && !calls.value.includes(e.detail) && begin(e.detail));
  phone.addEventListener("ended", (e) => finish(e.detail));
  phone.addEventListener("presence", (e) => people.seen(e.detail));
  phone.addEventListener("roster", (e) => people.changed(e.detail));
  phone.addEventListener("message", (e) => messages.arrived(e.detail));
  phone.addEventListener("alert", (e) => (notice.value = e.detail));
  phone.microphone.device = read(localStorage, "microphone", "");
  phone.microphone.addEventListener("change", () => (source.value = { kind: phone.microphone.kind, problem: phone.microphone.problem }));
}

function keep() {
  const { urlID, random, account: name, realName: real } = phone.connection.session;
  write(sessionStorage, "session", { urlID, random, account: name, realName: real });
  account.value = name;
  realName.value = real;
  agent.value = phone.connection.session.agent;
  settle(name);
}

/** Logs in. @throws {XIMSSError} */
export async function login(name, password) {
  history.clear();
  people.clear();
  make();
  state.value = "connecting";
  try {
    await phone.connection.login({ account: name, password, client: "Tandem phone" });
  } catch (e) {
    state.value = "idle";
    throw e;
  }
  keep();
  history.fetched(name, password);
  await enter();
}

/** Goes on with the session that this tab had before it was loaded again. Tells whether there was one. */
export async function resume() {
  const session = kept();
  if (!session) return false;
  make();
  state.value = "connecting";
  account.value = session.account;
  try {
    await phone.connection.resume(session);
  } catch (e) {
    state.value = "idle";
    if (!isGone(e)) throw e;
    write(sessionStorage, "session", undefined);
    return false;
  }
  phone.connection.session.account ||= session.account;
  phone.connection.session.realName ||= session.realName;
  keep();
  await enter();
  return true;
}

async function enter() {
  cause.value = "";
  history.open(account.value);
  messages.open(account.value);
  try {
    await phone.bind({ deviceName: "Phone page", clientID: device() });
  } catch (e) {
    notice.value = "The server takes no calls for this page: " + e.message;
  }
  await phone.restore().catch(() => {}); // a server without the list has no calls to give back
  await people.open(account.value, phone).catch(() => {});
}

/** Leaves: the session ends, its calls too. */
export async function logout() {
  write(sessionStorage, "session", undefined);
  await phone?.connection.close();
}

function over(why) {
  agent.value = "";
  cause.value = why;
  state.value = why === "closed" || why === "expired" ? "idle" : "ended";
  if (why === "expired") write(sessionStorage, "session", undefined);
}

// ---- calls

function begin(call) {
  calls.value = [...calls.value, call];
  call.media.addEventListener("silent", () => (silent.value = true));
}

function finish(call) {
  calls.value = calls.value.filter((c) => c !== call);
  history.add(call);
  if (call.by === "us" && !call.cause) return;
  ended.value = [...ended.value.slice(-2), call];
  setTimeout(() => dismiss(call), call.cause ? failedFor : endedFor);
}

/** Takes an ended call off the screen. */
export function dismiss(call) {
  ended.value = ended.value.filter((c) => c !== call);
}

setInterval(() => {
  if (calls.value.length > 0 || Date.now() - now.value > 30000) now.value = Date.now();
}, 1000);

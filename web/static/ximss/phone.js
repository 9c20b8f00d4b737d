// A phone over a session: its calls, and what it hears of people.
import { element, child, childrenOf, textOf } from "./element.js";
import { Call, sdpOf } from "./call.js";
import { Microphone } from "./microphone.js";

const measureEvery = 2000; // ms

/**
 * A phone. It needs a Connection that is online, and then bind.
 *
 * Events (CustomEvents): `incoming` and `call` and `ended` (detail: the Call), `roster` (one contact),
 * `presence` ({peer, presence, status}), `asked` (the address of somebody who wants to see how we are), `message`
 * ({peer, peerName, text, time, kind}), `alert` (text), `bound`.
 */
export class Phone extends EventTarget {
  #binding = null;
  #next = 0;
  #timer = 0;

  /**
   * @param {Connection} connection
   * @param {{microphone?: Microphone, sdpForm?: "xml"|"text"}} [options] sdpForm: how descriptions travel
   */
  constructor(connection, { microphone = new Microphone(), sdpForm = "xml" } = {}) {
    super();
    this.connection = connection;
    this.microphone = microphone;
    this.sdpForm = sdpForm;
    /** Calls that live, by leg. @type {Map<string, Call>} */
    this.calls = new Map();
    connection.addEventListener("message", (e) => this.#take(e.detail));
    connection.addEventListener("resumed", () => this.restore().catch(() => {}));
    connection.addEventListener("renewed", () => this.#renewed());
    connection.addEventListener("ended", () => this.#over("you have been disconnected"));
    connection.addEventListener("ended", () => (this.#timer = clearInterval(this.#timer)));
    microphone.addEventListener("replaced", () => this.each((c) => c.media.renew()));
    globalThis.addEventListener?.("online", () => this.moved());
    navigator.connection?.addEventListener?.("change", () => this.moved());
  }

  /** Fires an event. @private */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  each(f) {
    return Promise.all([...this.calls.values()].map((c) => Promise.resolve(f(c)).catch(() => {})));
  }

  /**
   * Begins to take calls.
   * @param {{deviceName?: string, clientID?: string, presence?: boolean, messages?: boolean}} [what]
   * @throws {XIMSSError}
   */
  async bind({ deviceName = "browser", clientID, presence = true, messages = true } = {}) {
    this.#binding = { deviceName, clientID, presence, messages };
    const sample = element("sdp", { origUser: "-", sessionID: "1", sessionVersion: "1", origIP: "[0.0.0.0]", ip: "[0.0.0.0]" },
      element("media", { media: "audio", protocol: "UDP/TLS/RTP/SAVPF", ip: "[0.0.0.0]:9", direction: "sendrecv" },
        element("codec", { id: "0", name: "PCMU/8000" }), element("codec", { id: "8", name: "PCMA/8000" })),
      element("attr", { name: "webrtc" }, "yes"));
    await this.connection.request("signalBind",
      { deviceName, clientID, presence: presence && "yes", readIM: messages && "1", media: "WebRTC" }, sample);
    this.#timer = this.#timer || setInterval(() => this.each((c) => c.measure()), measureEvery);
    this.tell("bound");
  }

  /** Takes no calls any more; those that live go on. */
  unbind() {
    this.#binding = null;
    return this.connection.request("signalUnbind");
  }

  /** Calls somebody. @param {string} peer a number or an address @returns {Call} at once; see its state */
  dial(peer) {
    const leg = `leg_${Date.now().toString(36)}_${++this.#next}`;
    const call = this.#add(new Call(this, { leg, peer: peer.trim(), direction: "out", state: "calling" }));
    call.start();
    return call;
  }

  #add(call) {
    this.calls.set(call.leg, call);
    call.changed();
    return call;
  }

  /** A call has ended. @private */
  forget(call) {
    this.calls.delete(call.leg);
    if (this.calls.size === 0) this.microphone.close();
    this.tell("ended", call);
  }

  /** The network of this machine has changed: each call looks for a new path. */
  moved() {
    this.connection.check();
    return this.each((c) => c.restart());
  }

  // ---- after an interruption

  /**
   * Brings the calls in line with what the server knows: after a reload, or when messages were lost. A call whose
   * media this page does not have gets new ones.
   */
  async restore() {
    const listed = (await this.connection.request("callList")).filter((e) => e.localName === "callState");
    const legs = new Set(listed.map((e) => e.getAttribute("callLeg")));
    for (const call of [...this.calls.values()]) {
      if (!legs.has(call.leg)) call.finish("the call has ended");
    }
    for (const e of listed) this.#agree(e);
    await this.each((c) => (c.state !== "connected" ? null : !c.media.pc ? c.rebuild() : c.broken ? c.restart() : null));
  }

  #agree(e) {
    const leg = e.getAttribute("callLeg");
    const said = e.getAttribute("state");
    const out = e.getAttribute("direction") === "out";
    const state = said === "connected" ? said : out ? said : "incoming";
    const known = this.calls.get(leg);
    if (!known) {
      const offer = sdpOf(e); // of a call that rings here
      const since = moment(e.getAttribute("since"));
      const call = this.#add(new Call(this, { leg, state, offer, direction: out ? "out" : "in", peer: e.getAttribute("peer"),
        peerName: e.getAttribute("peerName"), held: e.getAttribute("held") === "1", peerHeld: e.getAttribute("peerHeld") === "1",
        since: state === "connected" ? since : 0 }));
      if (since) call.began = since;
      if (state === "incoming") this.tell("incoming", call);
      return;
    }
    if (state === "connected" && known.state !== "connected") {
      known.state = "connected";
      known.answered = known.answered || moment(e.getAttribute("since")) || Date.now();
      known.media.reset(); // its answer was among what was lost
      known.changed();
    }
  }

  // The session is another one: its calls are gone, and it must be bound again.
  async #renewed() {
    this.#over("the session was lost");
    if (this.#binding) await this.bind(this.#binding).catch(() => {});
  }

  #over(cause) {
    for (const call of [...this.calls.values()]) call.finish(cause);
  }

  // ---- what the server says

  #take(e) {
    const leg = e.getAttribute("callLeg");
    if (e.localName === "callIncoming") return this.#incoming(e, leg);
    if (leg !== null) return this.calls.get(leg)?.take(e);
    switch (e.localName) {
      case "rosterItem":
        return this.tell("roster", contact(e));
      case "presence":
        if (e.getAttribute("type") === "subscribe") return this.tell("asked", e.getAttribute("peer") ?? "");
        return this.tell("presence", presence(e));
      case "readIM":
        return this.tell("message", message(e));
      case "alert":
        return this.tell("alert", e.textContent);
      default:
        return this.tell("other", e);
    }
  }

  #incoming(e, leg) {
    if (this.calls.has(leg)) return; // the list of calls was quicker
    const offer = sdpOf(e);
    const notes = {};
    for (const s of childrenOf(e, "suppl")) for (const k of childrenOf(s, "subKey")) notes[k.getAttribute("key")] = k.textContent;
    const call = this.#add(new Call(this, { leg, offer, notes, direction: "in", state: "incoming", peer: e.getAttribute("peer"),
      peerName: e.getAttribute("peerName") }));
    call.ring();
    this.tell("incoming", call);
  }

  // ---- people

  /** The contacts of the account. @returns {Promise<{peer: string, name: string, subscription: string}[]>} */
  async roster() {
    return (await this.connection.request("rosterList")).filter((e) => e.localName === "rosterItem").map(contact);
  }

  /** Adds or renames a contact: it may see how we are, and we see the same of it once it agrees. */
  keep(peer, name) {
    return this.connection.request("rosterSet", { peer, what: "subBoth" }, element("name", {}, name));
  }

  /** Lets somebody who asked see how we are, or not. */
  allow(peer, yes = true) {
    return this.connection.request("rosterSet", { peer, what: yes ? "subscribed" : "unsubscribed" });
  }

  /** Removes a contact. */
  drop(peer) {
    return this.connection.request("rosterSet", { peer, what: "remove" });
  }

  /** Says how we are: "online", "away", "busy", and a few words. */
  present(state, status = "") {
    return this.connection.request("presenceSet", {}, element("presence", {}, state), element("status", {}, status));
  }

  /** Sends an instant message. @throws {XIMSSError} if nobody can get it */
  say(peer, text) {
    return this.connection.request("sendIM", { peer, type: "chat" }, text);
  }

  /** Says that we write ("composing"), or no more ("paused"). */
  writing(peer, what = "composing") {
    return this.connection.request("sendIM", { peer, type: "chat" }, element(what)).catch(() => {});
  }
}

const contact = (e) => ({ peer: e.getAttribute("peer") ?? "", name: e.getAttribute("name") || textOf(e, "name"),
  subscription: e.getAttribute("subscription") ?? "" });

function presence(e) {
  const gone = ["unavailable", "unsubscribed"].includes(e.getAttribute("type"));
  return { peer: e.getAttribute("peer") ?? "", presence: gone ? "offline" : textOf(e, "presence") || textOf(e, "show") || "online",
    status: textOf(e, "status") };
}

function message(e) {
  const first = e.children[0];
  const kind = child(e, "body") || !first ? "text" : first.localName;
  return { peer: e.getAttribute("peer") ?? "", peerName: e.getAttribute("peerName") ?? "", kind,
    text: kind === "text" ? (child(e, "body") ?? e).textContent : "", time: moment(e.getAttribute("gmtTime")) || Date.now() };
}

/** The moment of YYYYMMDDThhmmss in UTC, as ms since 1970; 0 if it is none. */
export function moment(text) {
  const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/.exec(text || "");
  return m ? Date.UTC(m[1], m[2] - 1, m[3], m[4], m[5], m[6]) : 0;
}

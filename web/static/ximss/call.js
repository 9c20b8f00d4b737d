// One call of a phone: what the server and the user make of it, step by step.
import { element, child, textOf } from "./element.js";
import { Media } from "./media.js";
import { toXML, toText, directionOf } from "./sdp.js";
import { judge } from "./quality.js";
import { XIMSSError } from "./connection.js";

const updateTime = 20000; // ms for the far side to answer a new SDP offer
const transferTime = 60000; // ms for a transfer to succeed or fail
const restartPause = 4000; // ms between two attempts to find a new path
const glareMost = 3; // attempts when both sides make an SDP offer at once
const rebuildMost = 5; // attempts to make the media anew
const rebuildPause = 3000; // ms between two of them

/**
 * A call. Made by Phone.dial, or by the server (event `incoming` of Phone).
 * Each change fires `change` here and `call` at the phone; see state and the other fields.
 */
export class Call extends EventTarget {
  #phone;
  #answers = new Map(); // fork tag -> SDP text
  #updates = []; // who waits for callUpdated, in order; null: nobody does
  #operation = null; // who waits for callOpCompleted or callOpFailed
  #turn = Promise.resolve(); // one exchange of SDP after the other
  #counts = null;
  #restarted = 0;
  #again = 0;
  #rebuilding = null;
  #offer; // SDP text of an incoming call

  constructor(phone, fields) {
    super();
    this.#phone = phone;
    /** The name of the call between us and the server. */
    this.leg = fields.leg;
    /** The address of the other party, and the name that it gives itself. Both come from strangers: text only. */
    this.peer = fields.peer || "";
    this.peerName = fields.peerName || "";
    /** "in" or "out". */
    this.direction = fields.direction;
    /** "calling", "ringing" (the other side), "incoming" (rings here), "answering", "connected", "ended". */
    this.state = fields.state;
    this.held = Boolean(fields.held);
    this.peerHeld = Boolean(fields.peerHeld);
    /** When the call began, and when it was answered: ms since 1970, 0 if not yet. */
    this.began = Date.now();
    this.answered = fields.since || 0;
    this.ended = 0;
    /** Why it ended, in the server's words; "" for an ordinary end. And the status, 0 if there is none. */
    this.cause = "";
    this.status = 0;
    /** Who ended it: "" (it lives), "us", "them". */
    this.by = "";
    /** Digits that were sent. */
    this.digits = "";
    /** Of judge, with the last two seconds in it. Null while there is nothing to judge. */
    this.quality = null;
    /** What the call is about: Alert-Info and the like, by name. */
    this.notes = fields.notes || {};
    /** The path of the sound: new, checking, connected, disconnected, failed. */
    this.path = "new";
    this.#offer = fields.offer;
    this.media = new Media(phone.microphone);
    this.media.addEventListener("lost", () => this.restart());
    this.media.addEventListener("state", () => {
      this.path = this.media.path;
      this.changed();
    });
  }

  get live() {
    return this.state !== "ended";
  }
  get muted() {
    return this.media.muted;
  }

  /** Something of the call is new. */
  changed() {
    this.dispatchEvent(new Event("change"));
    this.#phone.tell("call", this);
  }

  #ask(name, attributes, ...children) {
    return this.#phone.connection.request(name, { callLeg: this.leg, ...attributes }, ...children);
  }

  // ---- what the user does

  /** Begins an outgoing call. @private */
  async start() {
    try {
      const offer = await this.media.offer();
      if (!this.live) return;
      await this.#ask("callStart", { peer: this.peer, media: "WebRTC" }, this.#form(offer));
    } catch (e) {
      this.finish(e.message, e.number);
    }
  }

  /** Says that it rings here. @private */
  ring() {
    this.#updates.push(null);
    this.#ask("callProvision").catch(() => {});
  }

  /** Answers an incoming call. @throws {XIMSSError} if it was too late, or the media does not fit */
  async accept() {
    if (this.state !== "incoming") return;
    this.state = "answering";
    this.changed();
    try {
      const sdp = this.#offer ? await this.media.answer(this.#offer) : await this.media.offer();
      await this.#ask("callAccept", { media: "WebRTC" }, this.#form(sdp));
    } catch (e) {
      this.kill(e.message);
      throw e;
    }
  }

  /** Refuses an incoming call: 486 is "busy here", 603 "declined everywhere". */
  async reject(code = 486) {
    if (this.state !== "incoming") return;
    this.finish("", 0, "us");
    await this.#ask("callReject", { signalCode: code }).catch(() => {});
  }

  /** Sends an incoming call elsewhere. @param {...string} addresses */
  async redirect(...addresses) {
    if (this.state !== "incoming") return;
    await this.#ask("callRedirect", {}, addresses.map((a) => element("To", {}, a)));
    this.finish("", 0, "us");
  }

  /** Ends the call, in whatever state. */
  async kill(cause = "") {
    if (!this.live) return;
    this.finish(cause, 0, "us");
    await this.#ask("callKill").catch(() => {});
  }

  /** Holds the call: nothing is heard on either side. @throws {XIMSSError} if the other side refuses */
  hold() {
    return this.#holding(true);
  }

  /** Goes on with a call on hold. */
  unhold() {
    return this.#holding(false);
  }

  async #holding(held) {
    if (this.state !== "connected" || this.held === held) return;
    const aim = (yes) => {
      this.held = yes;
      this.media.direction = yes ? "inactive" : "sendrecv";
      this.changed();
    };
    aim(held);
    try {
      await this.#update();
    } catch (e) {
      aim(!held);
      throw e;
    }
  }

  /** Sends silence instead of our sound, or not. The other side is not told. */
  mute(yes) {
    this.media.muted = yes;
    this.changed();
  }

  /** Sends digits: as telephone events in the sound where that can be, else by the server. */
  async press(digits) {
    if (this.state !== "connected") return;
    this.digits += digits;
    this.changed();
    if (!this.held && this.media.digits(digits)) return;
    await this.#ask("callSendDTMF", {}, digits);
  }

  /** Transfers the call to an address; the other side then calls it. Resolves when that was answered. */
  transfer(peer) {
    return this.#operate("callTransfer", { peer });
  }

  /** Joins the parties of this call and of another one of this phone, which ends both for us. */
  join(other) {
    return this.#operate("callTransfer", { otherLeg: other.leg });
  }

  #operate(name, attributes) {
    if (this.#operation) return Promise.reject(new XIMSSError(0, "a transfer is under way already"));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(new XIMSSError(0, "request time-out")), transferTime);
      const settle = (fault) => {
        clearTimeout(timer);
        this.#operation = null;
        this.changed();
        if (fault) reject(fault);
        else resolve();
      };
      this.#operation = settle;
      this.changed();
      this.#ask(name, attributes).catch(settle);
    });
  }

  /** A transfer is under way. */
  get transferring() {
    return this.#operation !== null;
  }

  /** Finds a new path for the sound, as after a change of network. */
  async restart() {
    if (this.state !== "connected") return;
    const wait = this.#restarted + restartPause - Date.now();
    clearTimeout(this.#again);
    if (wait > 0) {
      this.#again = setTimeout(() => this.broken && this.restart(), wait);
      return;
    }
    this.#restarted = Date.now();
    await this.#update({ restart: true }).catch(() => this.broken && this.restart());
  }

  /** The path of the sound is lost. */
  get broken() {
    return this.path === "failed" || this.path === "disconnected";
  }

  /** Makes the media anew, for a call of which this page has no keys any more. @private */
  rebuild() {
    this.#rebuilding ??= this.#rebuilt(rebuildMost).finally(() => (this.#rebuilding = null));
    return this.#rebuilding;
  }

  // The far side may refuse for a while: it may wait for an answer that this page has never been asked for.
  async #rebuilt(attempts) {
    try {
      await this.#update({ anew: true });
    } catch (e) {
      if (attempts <= 1) throw e;
      await new Promise((go) => setTimeout(go, rebuildPause));
      if (this.state === "connected" && !this.media.settled) await this.#rebuilt(attempts - 1);
    }
  }

  /** Judges the time since the last call of it; the phone calls it each two seconds. @private */
  async measure() {
    const now = this.state === "connected" ? await this.media.counts() : null;
    const before = this.#counts;
    this.#counts = now;
    if (!now || !before || this.held || this.peerHeld) {
      if (this.quality) this.quality = null;
      else return;
    } else this.quality = judge(before, now);
    this.changed();
  }

  // ---- SDP

  #form(text) {
    return this.#phone.sdpForm === "text" ? element("sdpText", {}, text) : toXML(text);
  }

  // One of our SDP offers and its answer, when it is its turn. How: with a new path, or anew with other keys.
  #update(how) {
    const turn = this.#turn.then(() => this.#exchange(how, glareMost));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #exchange(how, attempts) {
    if (this.state !== "connected") throw new XIMSSError(0, "the call is not up");
    if (how?.anew) {
      this.media.reset();
      this.media.direction = this.held ? "inactive" : "sendrecv";
    }
    const offer = await this.media.offer(how);
    let answer;
    try {
      answer = await this.#offered(offer);
    } catch (e) {
      await this.media.rollback();
      if (e.number !== 491 || attempts <= 1) throw e;
      await new Promise((go) => setTimeout(go, 500 + Math.random() * 2000));
      return this.#exchange(how, attempts - 1);
    }
    if (answer) await this.media.take(answer);
  }

  #offered(offer) {
    return new Promise((resolve, reject) => {
      const settle = (e) => {
        clearTimeout(timer);
        const code = Number(e.getAttribute("signalCode")) || 0;
        if (code >= 300 || e.hasAttribute("errorText")) reject(new XIMSSError(code, e.getAttribute("errorText") || "refused"));
        else resolve(sdpOf(e));
      };
      const give = (fault) => {
        const i = this.#updates.indexOf(settle);
        if (i >= 0) this.#updates[i] = null; // a late answer is nobody's
        reject(fault);
      };
      const timer = setTimeout(() => give(new XIMSSError(0, "request time-out")), updateTime);
      this.#updates.push(settle);
      this.#ask("callUpdate", { media: "WebRTC" }, this.#form(offer)).catch((e) => {
        clearTimeout(timer);
        this.#updates = this.#updates.filter((u) => u !== settle);
        reject(e);
      });
    });
  }

  // ---- what the server says

  /** Takes a message about this call. @private */
  take(e) {
    const act = this[`on_${e.localName}`];
    if (act && this.live) act.call(this, e);
  }

  async on_callProvisioned(e) {
    if (this.state === "calling") this.state = "ringing";
    this.changed();
    this.#acknowledge();
    const sdp = sdpOf(e);
    if (!sdp) return;
    this.#answers.set(e.getAttribute("tag") ?? "", sdp);
    if (!this.media.offering || this.media.settled) return;
    this.early = true;
    await this.media.take(sdp, true).catch(() => {});
    this.changed();
  }

  async on_callConnected(e) {
    this.#acknowledge();
    const before = this.state;
    if (before === "connected") return;
    this.state = "connected";
    this.answered = this.answered || Date.now();
    const sdp = sdpOf(e) || this.#answers.get(e.getAttribute("tag") ?? "");
    this.#answers.clear();
    if (e.getAttribute("peer")) this.peer = e.getAttribute("peer");
    this.changed();
    if (!this.media.pc) return this.rebuild().catch(() => {}); // the page came anew while it rang
    try {
      if (sdp) await this.media.take(sdp);
    } catch {
      await this.rebuild().catch(() => {}); // another branch answered, with other keys than those heard early
    }
  }

  on_callDisconnected(e) {
    const text = e.getAttribute("errorText") ?? "";
    this.#operation?.();
    this.finish(text, Number(e.getAttribute("signalCode")) || 0, "them");
    this.#ask("callKill").catch(() => {});
  }

  async on_callUpdated(e) {
    if (this.#updates.length > 0) return this.#updates.shift()?.(e);
    const sdp = sdpOf(e); // the answer to an offer that we made when asked for one
    if (sdp) await this.media.take(sdp).catch(() => {});
  }

  on_callUpdateRequest(e) {
    if (this.media.offering) return this.#refuse(491);
    this.#turn = this.#turn.then(() => this.#answerUpdate(sdpOf(e))).catch(() => this.#unanswered());
  }

  async #answerUpdate(offer) {
    const sdp = offer ? await this.media.answer(offer) : await this.media.offer();
    if (offer) {
      const d = directionOf(offer);
      this.peerHeld = d === "inactive" || d === "sendonly";
      this.changed();
    }
    await this.#ask("callUpdateAccept", { media: "WebRTC" }, this.#form(sdp));
  }

  // Their offer fits nothing that we have: all stays as it was.
  async #unanswered() {
    await this.media.rollback().catch(() => {});
    await this.#refuse(488);
  }

  #refuse(code) {
    return this.#ask("callUpdateReject", { signalCode: code }).catch(() => {});
  }

  on_callOpCompleted() {
    this.#operation?.();
  }

  on_callOpFailed(e) {
    this.#operation?.(new XIMSSError(Number(e.getAttribute("signalCode")) || 0, e.getAttribute("errorText") || "failed"));
  }

  on_callTransferred(e) {
    this.peer = e.getAttribute("peer") || this.peer;
    this.peerName = e.getAttribute("peerName") || "";
    this.changed();
  }

  on_callDTMF(e) {
    this.dispatchEvent(new CustomEvent("digits", { detail: e.textContent }));
  }

  on_callInfo(e) {
    this.dispatchEvent(new CustomEvent("info", { detail: e }));
  }

  // The server waits for it after each progress; nothing is in it.
  #acknowledge() {
    this.#ask("callUpdateAccept").catch(() => {});
  }

  /** The call is over. @private */
  finish(cause = "", status = 0, by = "them") {
    if (!this.live) return;
    this.state = "ended";
    this.ended = Date.now();
    this.cause = cause;
    this.status = status;
    this.by = by;
    this.quality = null;
    clearTimeout(this.#again);
    this.media.close();
    for (const settle of this.#updates.splice(0)) settle?.(element0("callUpdated", "errorText", cause || "the call has ended"));
    this.#operation?.(new XIMSSError(0, "the call has ended"));
    this.changed();
    this.#phone.forget(this);
  }
}

function element0(name, attribute, value) {
  const e = document.implementation.createDocument(null, name).documentElement;
  e.setAttribute(attribute, value);
  return e;
}

/** The SDP text in a message in either form, or "" if there is none. */
export function sdpOf(e) {
  const x = child(e, "sdp");
  if (x) return toText(x);
  return textOf(e, "sdpText").replace(/\r?\n/g, "\r\n");
}

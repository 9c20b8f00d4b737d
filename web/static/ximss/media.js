// The media of one call: a PeerConnection whose candidates travel in the description, since the server tells
// where it is and asks for nothing more.
import { count } from "./quality.js";

const gathering = 1500; // ms to find the addresses of this machine; one is enough for a server that only answers
const grace = 3000; // ms that a lost path has to come back by itself

/**
 * Sound both ways for one call.
 * Events: `lost` when the path has broken and ICE must begin anew; `state` when what is known of the path changes.
 */
export class Media extends EventTarget {
  #track = null;
  #ready = null; // settles when there is a track
  #sender = null;
  #direction = "sendrecv";
  #muted = false;
  #timer = 0;
  #final = false; // an answer was taken that is not provisional

  /** @param {Microphone} microphone */
  constructor(microphone) {
    super();
    this.microphone = microphone;
    this.pc = null;
    /** Plays what comes in. Its sink can be set. */
    this.player = new Audio();
    this.player.autoplay = true;
  }

  #begin() {
    if (this.pc) return this.#ready;
    const pc = (this.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" }));
    pc.addEventListener("track", (e) => this.#play(e));
    pc.addEventListener("iceconnectionstatechange", () => this.#path());
    this.#ready = this.#equip(pc);
    return this.#ready;
  }

  // Takes a track of the source for a connection, which may be closed before there is one.
  async #equip(pc) {
    try {
      const track = await this.microphone.track();
      if (pc !== this.pc) {
        track.stop();
        throw new Error("the call has ended");
      }
      this.#track?.stop();
      this.#track = track;
      track.enabled = !this.#muted;
    } catch (e) {
      if (pc === this.pc && !this.#track) this.#shut(); // so that the next attempt begins anew
      throw e;
    }
  }

  #play(e) {
    this.player.srcObject = e.streams[0] || new MediaStream([e.track]);
    this.player.play().catch(() => this.dispatchEvent(new Event("silent")));
  }

  // ICE says disconnected when it has heard nothing for a while, failed when it has given up.
  #path() {
    const state = this.pc?.iceConnectionState;
    clearTimeout(this.#timer);
    if (state === "failed") this.dispatchEvent(new Event("lost"));
    if (state === "disconnected") this.#timer = setTimeout(() => this.dispatchEvent(new Event("lost")), grace);
    this.dispatchEvent(new Event("state"));
  }

  /** What is known of the path: new, checking, connected, disconnected, failed ... */
  get path() {
    return this.pc?.iceConnectionState ?? "new";
  }

  /**
   * Makes an SDP offer with all candidates in it.
   * @param {{restart?: boolean}} [how] restart: with a new path
   * @returns {Promise<string>}
   */
  async offer({ restart = false } = {}) {
    await this.#begin();
    const pc = this.pc;
    if (!this.#sender) {
      const t = pc.addTransceiver(this.#track, { direction: this.#direction });
      this.#sender = t.sender;
    }
    this.#aim();
    await pc.setLocalDescription(await pc.createOffer({ iceRestart: restart }));
    return this.#gathered();
  }

  /**
   * Takes an SDP offer and answers it.
   * @param {string} text
   * @returns {Promise<string>}
   */
  async answer(text) {
    await this.#begin();
    const pc = this.pc;
    await pc.setRemoteDescription({ type: "offer", sdp: text });
    if (!this.#sender) {
      const t = pc.getTransceivers().find((x) => x.receiver.track.kind === "audio");
      if (!t) throw new Error("the SDP offer has no audio");
      this.#sender = t.sender;
      await t.sender.replaceTrack(this.#track);
    }
    this.#aim();
    await pc.setLocalDescription(await pc.createAnswer());
    this.#final = true;
    return this.#gathered();
  }

  // The direction that we want, of all audio.
  #aim() {
    for (const t of this.pc.getTransceivers()) if (t.direction !== "stopped") t.direction = this.#direction;
  }

  #gathered() {
    const pc = this.pc;
    return new Promise((resolve, reject) => {
      const done = () => (pc.localDescription ? resolve(pc.localDescription.sdp) : reject(new Error("the call has ended")));
      if (pc.iceGatheringState === "complete") return done();
      const late = setTimeout(done, gathering);
      pc.addEventListener("icegatheringstatechange", () => {
        if (pc.iceGatheringState !== "complete") return;
        clearTimeout(late);
        done();
      });
    });
  }

  /**
   * Takes the SDP answer to our last offer.
   * @param {string} text
   * @param {boolean} [provisional] that of one branch, while others may still answer
   */
  async take(text, provisional = false) {
    if (!this.pc || this.pc.signalingState === "stable") return;
    await this.pc.setRemoteDescription({ type: provisional ? "pranswer" : "answer", sdp: text });
    if (!provisional) this.#final = true;
  }

  /** An offer waits for its answer. */
  get offering() {
    return this.pc?.signalingState.startsWith("have-") ?? false;
  }

  /** The first exchange is complete. */
  get settled() {
    return this.#final;
  }

  /** Takes back an offer that was refused, ours or theirs. */
  async rollback() {
    if (this.pc?.signalingState === "have-local-offer") await this.pc.setLocalDescription({ type: "rollback" });
    if (this.pc?.signalingState === "have-remote-offer") await this.pc.setRemoteDescription({ type: "rollback" });
  }

  /** Begins anew with another PeerConnection, as after an offer whose keys are lost. */
  reset() {
    this.#shut();
    this.#final = false;
  }

  /** What the next description says: "sendrecv", or "inactive" to hold. */
  set direction(d) {
    this.#direction = d;
  }
  get direction() {
    return this.#direction;
  }

  set muted(yes) {
    this.#muted = yes;
    if (this.#track) this.#track.enabled = !yes;
  }
  get muted() {
    return this.#muted;
  }

  /** Takes the source anew, after the device has changed. */
  async renew() {
    const pc = this.pc;
    if (!pc) return;
    await this.#ready.catch(() => {});
    await this.#equip(pc);
    await this.#sender?.replaceTrack(this.#track);
  }

  /** Sends digits as telephone events. @returns {boolean} whether this call can */
  digits(text) {
    const dtmf = this.#sender?.dtmf;
    if (!dtmf?.canInsertDTMF) return false;
    dtmf.insertDTMF(dtmf.toneBuffer + text, 160, 60);
    return true;
  }

  /** The counts of this moment, or null without a path. */
  async counts() {
    return this.pc ? count(this.pc) : null;
  }

  #shut() {
    clearTimeout(this.#timer);
    this.pc?.close();
    this.#track?.stop();
    this.pc = this.#track = this.#ready = this.#sender = null;
  }

  close() {
    this.#shut();
    this.player.srcObject = null;
  }
}

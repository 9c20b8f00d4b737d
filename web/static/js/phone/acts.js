// What the user can do with calls. A second call never ends or hides the first: that one is held.
import * as s from "./state.js";
import { read } from "./store.js";

// Does something, and says what was refused.
async function attempt(what, act) {
  try {
    await act();
  } catch (e) {
    s.notice.value = `${what}: ${e.message}.`;
  }
}

async function holdOthers(but) {
  for (const c of s.calls.value) {
    if (c !== but && c.state === "connected" && !c.held) await c.hold();
  }
}

/** Calls somebody. Returns the call, or null if another one could not be held. */
export async function dial(peer) {
  if (!s.phone || peer.trim() === "") return null;
  s.notice.value = "";
  let call = null;
  await attempt("The call that you are in could not be held, so no other was made", async () => {
    await holdOthers(null);
    call = s.phone.dial(peer);
  });
  return call;
}

export const answer = (call) =>
  attempt("The call could not be answered", async () => {
    await holdOthers(call);
    await call.accept();
  });

export const decline = (call) => attempt("Decline", () => call.reject());

export const redirect = (call, peer) => attempt("The call could not be sent on", () => call.redirect(peer));

export const end = (call) => attempt("End", () => call.kill());

export const mute = (call) => call.mute(!call.muted);

export const hold = (call) =>
  attempt(call.held ? "The call could not be taken back" : "The call could not be held", async () => {
    if (call.held) await holdOthers(call);
    await (call.held ? call.unhold() : call.hold());
  });

/** Speaks to a call on hold, and holds the one that was spoken to. */
export const swap = (call) =>
  attempt("The calls could not be swapped", async () => {
    await holdOthers(call);
    await call.unhold();
  });

export const press = (call, digit) => attempt("The digit could not be sent", () => call.press(digit));

/** Sends a call to somebody without speaking to them first. */
export const sendNow = (call, peer) =>
  attempt("The transfer failed", async () => {
    await call.transfer(peer.trim());
    s.spoken.value = "Transferred";
  });

/** Speaks to somebody first; Join then brings both together. */
export async function talkFirst(call, peer) {
  const other = await dial(peer);
  if (other) other.consults = call;
  return other;
}

/** Brings the party of a call on hold and the one that is spoken to together, and leaves. */
export const join = (heldCall, active) =>
  attempt("The calls could not be joined", async () => {
    await heldCall.join(active);
    s.spoken.value = "Joined";
  });

/** Tries the microphone again, after a tone was sent in its place. */
export const microphoneAgain = () =>
  attempt("Microphone", async () => {
    s.phone.microphone.close();
    await s.phone.microphone.open();
    await s.phone.each((c) => c.media.renew());
  });

/** Lets a call be heard on the chosen device; "" is the machine's choice. */
export function aim(call) {
  const speaker = read(localStorage, "speaker", "");
  if (speaker) call.media.player.setSinkId?.(speaker).catch(() => {});
}

// The states of calls and people as tone, shape and word, and what ends of calls mean.
import { short } from "./store.js";
import { nameOf } from "./people.js";

/** How the state of a call is shown. */
export function stateOf(call) {
  if (call.state === "incoming") return { tone: "pend", shape: "ring", word: "Ringing" };
  if (call.state === "ringing") return { tone: "pend", shape: "ring", word: "Ringing" };
  if (call.state === "connected" && call.held) return { tone: "idle", shape: "hold", word: "On hold" };
  if (call.state === "connected") return { tone: "live", shape: "talk", word: "Talking" };
  if (call.state === "ended") return call.cause ? { tone: "bad", shape: "lost", word: "Failed" } : { tone: "idle", shape: "out", word: "Ended" };
  return { tone: "pend", shape: "wait", word: call.state === "answering" ? "Answering" : "Trying" };
}

/** How somebody is. */
export function presenceOf(c) {
  switch (c.presence) {
    case "":
      return { tone: "idle", shape: "people", word: "" };
    case "online":
      return { tone: "good", shape: "ready", word: "free" };
    case "busy":
      return { tone: "live", shape: "talk", word: "busy" };
    case "away":
      return { tone: "warn", shape: "wait", word: "away" };
    case "offline":
      return { tone: "idle", shape: "out", word: "not there" };
  }
  return { tone: "idle", shape: "people", word: c.presence };
}

/** Who the other party is: the name that we gave it, or that it gives itself, and its address. */
export function partyOf(c) {
  const number = short(c.peer) || "Unknown";
  const name = nameOf(c.peer) || c.peerName || c.name || "";
  return name && name !== number ? `${number} ${name}` : number;
}

const causes = {
  404: "there is nobody of that name or number",
  408: "nobody answered",
  480: "not there just now",
  486: "busy",
  488: "the sound could not be agreed on",
  503: "the server has no room for the call",
  600: "busy",
  603: "declined",
};

/** Why a call ended, as a sentence. */
export function endOf(call) {
  const who = partyOf(call);
  if (call.direction === "in" && !call.answered) {
    if (/elsewhere|completed/i.test(call.cause)) return `The call of ${who} was answered on another phone.`;
    return `You missed a call of ${who}.`;
  }
  if (!call.cause) return `${who} has hung up.`;
  if (/lost/i.test(call.cause)) return `The call broke off: ${call.cause}.`;
  return `${who}: ${causes[call.status] || call.cause}.`;
}

/** What is said of the microphone when a tone is sent in its place. */
export const problems = {
  refused: "The browser was not allowed to use the microphone, so a tone is sent instead. Allow it beside the address of the page, then try again.",
  missing: "There is no microphone, so a tone is sent instead. Plug one in, then try again.",
  busy: "Another program has the microphone, so a tone is sent instead. Close that program, then try again.",
  insecure: "A browser gives the microphone to pages over HTTPS alone, so a tone is sent instead. Open this page with https.",
};

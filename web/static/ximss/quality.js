// How a call sounds, from what the browser counts.

/**
 * The counts of a call at a moment.
 * @param {RTCPeerConnection} pc
 * @returns {Promise<{received: number, lost: number, sent: number, jitter: number, roundTrip: number}>} packets, and ms
 */
export async function count(pc) {
  const c = { received: 0, lost: 0, sent: 0, jitter: 0, roundTrip: 0, far: 0 };
  for (const s of (await pc.getStats()).values()) {
    if (s.type === "inbound-rtp" && s.kind === "audio") {
      c.received += s.packetsReceived || 0;
      c.lost += s.packetsLost || 0;
      c.jitter = (s.jitter || 0) * 1000;
    }
    if (s.type === "outbound-rtp" && s.kind === "audio") c.sent += s.packetsSent || 0;
    if (s.type === "remote-inbound-rtp" && s.kind === "audio") {
      c.far = s.fractionLost || 0;
      if (s.roundTripTime) c.roundTrip = s.roundTripTime * 1000;
    }
    if (s.type === "candidate-pair" && s.nominated && s.currentRoundTripTime && !c.roundTrip) c.roundTrip = s.currentRoundTripTime * 1000;
  }
  return c;
}

// From which value on a call is fair, and poor.
const limits = [
  { of: (q) => q.loss, fair: 0.01, poor: 0.05, say: (v) => `${(v * 100).toFixed(1)} % of the sound is lost` },
  { of: (q) => q.far, fair: 0.01, poor: 0.05, say: (v) => `${(v * 100).toFixed(1)} % of your sound is lost` },
  { of: (q) => q.jitter, fair: 30, poor: 60, say: (v) => `the sound comes unevenly, by ${Math.round(v)} ms` },
  { of: (q) => q.roundTrip, fair: 250, poor: 500, say: (v) => `the way there and back takes ${Math.round(v)} ms` },
];

/**
 * Judges the time between two counts.
 * @returns {{grade: "good"|"fair"|"poor", word: string, reason: string, loss: number, jitter: number, roundTrip: number}}
 *   loss is a share, jitter and roundTrip are ms; reason is "" for good
 */
export function judge(before, now, hearing = true) {
  const received = now.received - before.received;
  const lost = Math.max(0, now.lost - before.lost);
  const q = { loss: received + lost > 0 ? lost / (received + lost) : 0, far: now.far, jitter: now.jitter, roundTrip: now.roundTrip };
  if (hearing && received === 0) return { ...q, grade: "poor", word: "Poor", reason: "no sound comes in" };
  for (const grade of ["poor", "fair"]) {
    const worst = limits.find((l) => l.of(q) >= l[grade]);
    if (worst) return { ...q, grade, word: grade === "poor" ? "Poor" : "Fair", reason: worst.say(worst.of(q)) };
  }
  return { ...q, grade: "good", word: "Good", reason: "" };
}

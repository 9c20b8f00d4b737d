"use strict";
// The calls of the phone: one at a time. Instead of a microphone there is a tone, and the tone that comes back is
// measured.
const audio = new AudioContext();
const session = { of: null, analyser: null };
const media = { pcConfig: { iceServers: [] }, rtcOfferConstraints: { offerToReceiveAudio: true } };

// sing makes a stream with a tone.
function sing(hz) {
  const tone = new OscillatorNode(audio, { frequency: hz });
  const out = audio.createMediaStreamDestination();
  tone.connect(new GainNode(audio, { gain: 0.3 })).connect(out);
  tone.start();
  return out.stream;
}

// listen measures what comes by a connection. Chromium lets a track into an audio graph only while an element plays it.
function listen(connection) {
  connection.addEventListener("track", (e) => {
    const stream = e.streams[0] || new MediaStream([e.track]);
    const element = new Audio();
    element.srcObject = stream;
    element.muted = true;
    element.play();
    session.element = element;
    session.analyser = new AnalyserNode(audio, { fftSize: 8192, smoothingTimeConstant: 0 });
    audio.createMediaStreamSource(stream).connect(session.analyser);
    tell("track", { streams: e.streams.length });
  });
  connection.addEventListener("connectionstatechange", () => tell("connection " + connection.connectionState));
}

// heard is the loudest frequency in Hz, and how loud it is in dB.
function heard() {
  if (!session.analyser) return { hz: 0, db: -200 };
  const spectrum = new Float32Array(session.analyser.frequencyBinCount);
  session.analyser.getFloatFrequencyData(spectrum);
  let best = 0;
  for (let i = 1; i < spectrum.length; i++) if (spectrum[i] > spectrum[best]) best = i;
  return { hz: (best * audio.sampleRate) / session.analyser.fftSize, db: Math.max(spectrum[best], -200) };
}

// counted is what the connection says of audio that came and went.
async function counted() {
  const out = { received: 0, lost: 0, sent: 0, codec: "" };
  const report = await session.of.connection.getStats();
  for (const s of report.values()) {
    if (s.type === "inbound-rtp") {
      Object.assign(out, { received: s.packetsReceived, lost: s.packetsLost });
      const codec = report.get(s.codecId);
      if (codec) out.codec = codec.mimeType;
    }
    if (s.type === "outbound-rtp") out.sent = s.packetsSent;
  }
  return out;
}

function onCall({ session: s, originator }) {
  session.of = s;
  s.on("progress", () => tell("progress"));
  s.on("accepted", () => tell("accepted"));
  s.on("confirmed", () => tell("confirmed"));
  s.on("ended", (e) => tell("ended", { cause: e.cause }));
  s.on("failed", (e) => tell("failed", { cause: e.cause, status: e.message ? e.message.status_code || 0 : 0 }));
  s.on("hold", (e) => tell("hold", { cause: e.originator }));
  s.on("unhold", (e) => tell("unhold", { cause: e.originator }));
  s.on("newDTMF", (e) => tell("key", { text: e.dtmf.tone }));
  s.on("peerconnection", (e) => listen(e.peerconnection));
  if (originator === "remote") tell("call", { from: s.remote_identity.uri.user });
}

function call(uri, hz) {
  audio.resume();
  agent.call(uri, { ...media, mediaStream: sing(hz) });
  listen(session.of.connection);
}

function answer(hz) {
  audio.resume();
  session.of.answer({ ...media, mediaStream: sing(hz) });
}

"use strict";
// A phone that registers one account over a WebSocket, and sends and gets messages; calls are in call.js. What happens to it
// is told in `events`, for whoever drives the page.
const JsSIP = require("jssip");
const events = [];
let agent;

function tell(what, more = {}) {
  events.push({ what, ...more });
}

function start(socket, uri, password) {
  agent = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(socket)],
    uri,
    password,
    register_expires: 600,
    session_timers: false,
  });
  agent.on("connected", () => tell("connected"));
  agent.on("disconnected", (e) => tell("disconnected", { cause: e.reason || "" }));
  agent.on("registered", () => tell("registered"));
  agent.on("unregistered", () => tell("unregistered"));
  agent.on("registrationFailed", (e) => tell("refused", { status: e.response ? e.response.status_code : 0, cause: e.cause }));
  agent.on("newMessage", (e) => {
    if (e.originator === "remote") tell("message", { from: e.request.from.uri.user, text: e.request.body });
  });
  agent.on("newRTCSession", (e) => onCall(e));
  agent.start();
}

function send(uri, text) {
  agent.sendMessage(uri, text, {
    eventHandlers: {
      succeeded: (e) => tell("sent", { status: e.response.status_code, text }),
      failed: (e) => tell("sent", { status: e.response ? e.response.status_code : 0, cause: e.cause, text }),
    },
  });
}

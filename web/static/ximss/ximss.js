// XIMSS for pages: sessions, calls with WebRTC, presence and messages. It needs no build step and nothing else.
//
//   import { Connection, Phone } from "/static/ximss/ximss.js";
//
//   const connection = new Connection();                 // the server of the page; or {url: "wss://pbx.example.com/ximss"}
//   const phone = new Phone(connection);
//   phone.addEventListener("incoming", (e) => e.detail.accept());
//   phone.addEventListener("ended", (e) => console.log(e.detail.peer, e.detail.cause));
//   await connection.login({ account: "1000", password: "1234" });
//   await phone.bind();
//   const call = phone.dial("9196");                     // hears itself
//   call.addEventListener("change", () => console.log(call.state));
//   // later: call.hold(), call.unhold(), call.mute(true), call.press("5"), call.transfer("1001"), call.join(other), call.kill()
//
// After a reload: keep connection.session.urlID and .random (sessionStorage), then
//
//   await connection.resume({ urlID, random });
//   await phone.bind();
//   await phone.restore();                               // the calls are there again, with new media
//
// An agent of queues has agent.js beside this. What is refused rejects with an XIMSSError: number and message are the server's errorNum and errorText.
export { Connection, XIMSSError, isGone } from "./connection.js";
export { Phone, moment } from "./phone.js";
export { Call, sdpOf } from "./call.js";
export { Media } from "./media.js";
export { Microphone, sounds } from "./microphone.js";
export { count, judge } from "./quality.js";
export { toXML, toText, directionOf } from "./sdp.js";
export { element, parse, Markup, child, childrenOf, textOf } from "./element.js";

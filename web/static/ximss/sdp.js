// Session descriptions in the XML form of XIMSS, and as text (RFC 8866): what the server's ximss/sdp does,
// for pages. Nothing that a description says is lost on the way:
//
//   <sdp origUser sessionID sessionVersion origIP ip subject>
//     <media media protocol ip rtcp direction ptime ports> <codec id name format/> <attr name>value</attr> </media>
//     <attr name>value</attr> <line type="b">AS:64</line>
//   </sdp>
import { element, childrenOf } from "./element.js";

const directions = ["sendrecv", "sendonly", "recvonly", "inactive"];
const family = (address) => (address.includes(":") ? "IP6" : "IP4");
const number = (s) => /^[0-9]{1,10}$/.test(s);
const words = (s) => s.split(/[ \t]+/).filter(Boolean);

// "[address]" of the three words of a line; all three stand in the brackets if the types do not follow.
function bracketed(three) {
  const plain = three[0] === "IN" && three[1] === family(three[2]) && !/[[\]]/.test(three[2]);
  return `[${plain ? three[2] : three.join(" ")}]`;
}

/**
 * Turns a description into its XML form.
 * @param {string} text with any line ends
 * @returns {Markup} the element sdp
 * @throws {SyntaxError} if a line can not be one of a description
 */
export function toXML(text) {
  const session = { attributes: {}, address: "", lines: [], attrs: [] };
  const media = [];
  let at = session;
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === "") continue;
    if (!/^[a-z]=/.test(line)) throw new SyntaxError(`SDP: ${line.slice(0, 40)} is not a letter, an equals sign and a value`);
    const kind = line[0];
    const value = line.slice(2);
    if (kind === "v") continue;
    else if (kind === "o") origin(session, words(value));
    else if (kind === "s") session.subject = value;
    else if (kind === "m") media.push((at = medium(value)));
    else if (kind === "c" && at.address === "" && words(value).length === 3) at.address = bracketed(words(value));
    else if (kind === "a") attribute(at, value, at !== session);
    else at.lines.push([kind, value]);
  }
  if (!session.orig) throw new SyntaxError("SDP: no o= line");
  dropTime(session);
  const [origUser, sessionID, sessionVersion, origIP] = session.orig;
  const subject = session.subject === "-" ? undefined : session.subject;
  return element("sdp", { origUser, sessionID, sessionVersion, origIP, ip: session.address, subject },
    kept(session), media.map((m) => mediumXML(m, session.address)));
}

function origin(session, f) {
  if (f.length !== 6 || session.orig) throw new SyntaxError("SDP: o= has not six words, or is there twice");
  session.orig = [f[0], f[1], f[2], bracketed(f.slice(3))];
}

function medium(value) {
  const [kind, where, protocol, ...ids] = words(value);
  const [port, ports] = (where || "").split("/");
  if (!protocol || !number(port)) throw new SyntaxError("SDP: m= has not a medium, a port and a protocol");
  return { kind, protocol, port, ports, address: "", codecs: ids.map((id) => ({ id })), lines: [], attrs: [] };
}

// An attribute stands in its own place of a medium, or as an attr element.
function attribute(at, s, ofMedium) {
  const i = s.indexOf(":");
  const name = i < 0 ? s : s.slice(0, i);
  const value = i < 0 ? undefined : s.slice(i + 1);
  if (ofMedium && placed(at, name, value)) return;
  at.attrs.push(value === "" ? element("attr", { name: s }) : element("attr", { name }, value));
}

function placed(m, name, value) {
  if (directions.includes(name)) return value === undefined && fill(m, "direction", name);
  if (!value) return false;
  if (name === "ptime") return !/[ \t]/.test(value) && fill(m, "ptime", value);
  if (name === "rtcp") {
    const f = words(value);
    if (!number(f[0]) || (f.length !== 1 && f.length !== 4)) return false;
    return fill(m, "rtcp", (f.length === 4 ? bracketed(f.slice(1)) : "") + ":" + f[0]);
  }
  const place = { rtpmap: "name", fmtp: "format" }[name];
  if (!place) return false;
  const i = value.indexOf(" ");
  const text = value.slice(i + 1);
  const codec = i > 0 && text.trim() === text && text !== "" && m.codecs.find((c) => c.id === value.slice(0, i) && !(place in c));
  return Boolean(codec) && fill(codec, place, text);
}

function fill(where, key, value) {
  if (where[key] !== undefined) return false;
  where[key] = value;
  return true;
}

// The t= line that the form takes for granted is left out.
function dropTime(session) {
  const times = session.lines.filter(([kind]) => kind === "t" || kind === "r");
  if (times.length === 1 && times[0].join("=") === "t=0 0") session.lines.splice(session.lines.indexOf(times[0]), 1);
}

const kept = (part) => [...part.attrs, ...part.lines.map(([type, value]) => element("line", { type }, value))];

function mediumXML(m, sessionAddress) {
  const address = m.address || sessionAddress || "[]";
  const rtcp = m.rtcp && m.rtcp.startsWith(":") ? address + m.rtcp : m.rtcp;
  return element("media", { media: m.kind, protocol: m.protocol, ip: address + ":" + m.port, ports: m.ports, rtcp, direction: m.direction, ptime: m.ptime },
    m.codecs.map((c) => element("codec", c)), kept(m));
}

/**
 * Turns the XML form into a description.
 * @param {Element} x the element sdp
 * @returns {string} lines that end in CR LF
 * @throws {SyntaxError} if something in it would be no line, or more than one
 */
export function toText(x) {
  const out = [];
  const put = (line) => {
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) throw new SyntaxError("SDP: a control character");
    out.push(line + "\r\n");
  };
  const session = address(x.getAttribute("ip") ?? "");
  const by = (name, absent) => x.getAttribute(name) ?? absent;
  put("v=0");
  put(`o=${by("origUser", "-")} ${by("sessionID", "0")} ${by("sessionVersion", "0")} ${address(by("origIP", "")) || session || "IN IP4 0.0.0.0"}`);
  put("s=" + by("subject", "-"));
  const at = writer(x, put);
  at.lines("i", "u", "e", "p");
  if (session) put("c=" + session);
  at.lines("c", "b");
  if (!at.lines("tr")) put("t=0 0");
  at.lines("z", "k");
  at.others("iuepcbtrzkvosma");
  at.attributes();
  for (const m of childrenOf(x, "media")) mediumText(m, session, put);
  return out.join("");
}

function mediumText(m, session, put) {
  const [where, port] = place(m.getAttribute("ip") ?? "");
  const codecs = childrenOf(m, "codec");
  const ports = m.hasAttribute("ports") ? "/" + m.getAttribute("ports") : "";
  const head = [m.getAttribute("media"), port + ports, m.getAttribute("protocol"), ...codecs.map((c) => c.getAttribute("id"))];
  put("m=" + head.join(" "));
  const at = writer(m, put);
  at.lines("i");
  if (where && (where !== session || childrenOf(m, "line").some((l) => l.getAttribute("type") === "c"))) put("c=" + where);
  at.lines("c", "b", "k");
  at.others("icbkvosma");
  for (const c of codecs) {
    if (c.getAttribute("name")) put(`a=rtpmap:${c.getAttribute("id")} ${c.getAttribute("name")}`);
    if (c.getAttribute("format")) put(`a=fmtp:${c.getAttribute("id")} ${c.getAttribute("format")}`);
  }
  if (m.hasAttribute("rtcp")) {
    const [rtcpAddress, rtcpPort] = place(m.getAttribute("rtcp"));
    put("a=rtcp:" + rtcpPort + (rtcpAddress ? " " + rtcpAddress : ""));
  }
  if (m.hasAttribute("ptime")) put("a=ptime:" + m.getAttribute("ptime"));
  const direction = m.getAttribute("direction");
  if (direction && !directions.includes(direction)) throw new SyntaxError("SDP: an unknown direction");
  if (direction) put("a=" + direction);
  at.attributes();
}

// What is kept in a part as it was: lines of some letters, one set after the other, and attributes.
function writer(part, put) {
  const all = childrenOf(part, "line").map((l) => [l.getAttribute("type") ?? "", l.textContent]);
  return {
    lines: (...sets) => {
      let any = false;
      for (const set of sets) {
        for (const [kind, value] of all) {
          if (kind.length !== 1 || !set.includes(kind)) continue;
          put(kind + "=" + value);
          any = true;
        }
      }
      return any;
    },
    others: (known) => {
      for (const [kind, value] of all) {
        if (!/^[a-z]$/.test(kind) || "vosma".includes(kind)) throw new SyntaxError("SDP: no line can have the type " + kind);
        if (!known.includes(kind)) put(kind + "=" + value);
      }
    },
    attributes: () => {
      for (const a of childrenOf(part, "attr")) put("a=" + a.getAttribute("name") + (a.textContent ? ":" + a.textContent : ""));
    },
  };
}

// The three words of a bracketed address, "" for "[]".
function address(s) {
  const f = words(s.replace(/^\[|\]$/g, ""));
  if (f.length === 0) return "";
  if (f.length === 1) return `IN ${family(f[0])} ${f[0]}`;
  if (f.length === 3) return f.join(" ");
  throw new SyntaxError(`SDP: ${s.slice(0, 40)} is not an address in brackets`);
}

// "[address]:port" as the words of the address, and the port.
function place(s) {
  const i = s.lastIndexOf(":");
  if (i < 0 || !number(s.slice(i + 1))) throw new SyntaxError(`SDP: ${s.slice(0, 40)} is not an address in brackets and a port`);
  return [address(s.slice(0, i)), s.slice(i + 1)];
}

/** The direction of the first medium of a description, "sendrecv" if it does not say. */
export function directionOf(text) {
  const found = /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(text);
  return found ? found[1] : "sendrecv";
}

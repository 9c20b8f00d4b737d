// The connection of a session to its server: XIMSS over a WebSocket, one document per text frame. A session
// outlives its connection: when that breaks, it is made again and the session goes on where it was.
import { element, parse } from "./element.js";

const patience = 15000; // ms in which a request must be answered while the connection stands
const beat = 45000; // ms between two signs of life; the server ends a session that gives none for minutes
const retryFirst = 200; // ms before the first attempt to come back
const retryMost = 8000;
const maxHeld = 64; // requests that wait for the connection to come back

/**
 * A request that the server refused, or that got no answer.
 * `number` is the errorNum of the server (500 unknown command, 515 bad credentials, 520 limits ...), or 0 for what
 * the connection says itself: "communication error", "request time-out", "you have been disconnected".
 */
export class XIMSSError extends Error {
  constructor(number, text) {
    super(text);
    this.name = "XIMSSError";
    this.number = number;
  }
}

/** Tells whether a refused resume means that there is no such session any more, or none for us. */
export const isGone = (e) => e.number === 510 || e.number === 515;

/**
 * One session with a server.
 *
 * Events (all are CustomEvents):
 * - `message`: detail is the Element of an asynchronous message, such as callIncoming.
 * - `state`: detail is the new state, see Connection.state.
 * - `resumed`: the connection came back to the same session; detail is {overflow}. With overflow the server had to
 *   drop messages: ask for all state anew.
 * - `renewed`: the session was gone and another one was begun with the same account: bind again.
 * - `ended`: detail is the cause: "bye" (the server ended it, or it was taken over elsewhere), "expired" (it is gone,
 *   and there is no password to begin another), "closed" (by close).
 */
export class Connection extends EventTarget {
  #socket = null;
  #pending = new Map(); // id -> {resolve, reject, data, timer}
  #held = []; // requests that wait for the connection
  #next = 0;
  #credentials = null;
  #state = "idle";
  #wake = null; // ends the wait before the next attempt
  #beat = 0;

  /**
   * @param {object} [options]
   * @param {string} [options.url] of the server; that of the page's own one by default
   * @param {typeof WebSocket} [options.WebSocket] for tests
   */
  constructor({ url, WebSocket: Socket = globalThis.WebSocket } = {}) {
    super();
    this.url = url || location.origin.replace(/^http/, "ws") + "/ximss";
    this.Socket = Socket;
    /** What the server says of the session: urlID, random, account, realName, agent, version. Null before the login. */
    this.session = null;
    globalThis.addEventListener?.("online", () => this.check());
  }

  /** idle, connecting, online, reconnecting, or ended. */
  get state() {
    return this.#state;
  }

  /**
   * Begins a session.
   * @param {{account: string, password: string, client?: string}} who account is a name or name@domain; client is what lists
   *   of sessions and registrations call us
   * @returns {Promise<object>} Connection.session
   * @throws {XIMSSError} with number 515 for a wrong pair, 0 if there is no connection
   */
  async login({ account, password, client }) {
    this.#credentials = { account, password, client };
    try {
      return await this.#begin(this.#loginForm());
    } catch (e) {
      this.#credentials = null;
      throw e;
    }
  }

  /**
   * Goes on with a session that another page, or this one before a reload, has begun.
   * @param {{urlID: string, random: string}} session
   * @returns {Promise<object>} Connection.session
   * @throws {XIMSSError} if the session is gone
   */
  resume(session) {
    return this.#begin(element("login", { id: "login", sessionID: session.urlID, random: session.random }));
  }

  /**
   * Sends a request and waits for its answer. While the connection is away the request waits for it.
   * @param {string} name the operation
   * @param {object} [attributes] without id
   * @param {...(string|Markup)} children
   * @returns {Promise<Element[]>} the data messages that came before the response
   * @throws {XIMSSError} if it was refused, or not answered
   */
  request(name, attributes = {}, ...children) {
    const id = String(++this.#next);
    return new Promise((resolve, reject) => {
      if (this.#state === "ended" || this.#state === "idle") return reject(new XIMSSError(0, "you have been disconnected"));
      if (this.#held.length >= maxHeld) return reject(new XIMSSError(0, "communication error"));
      const send = () => {
        this.#expect(id, resolve, reject);
        this.#say(element(name, { id, ...attributes }, ...children));
      };
      if (this.#state === "online") send();
      else this.#held.push({ send, reject });
    });
  }

  /** Ends the session. The server hears of it if the connection stands. */
  async close() {
    if (this.#state === "online") await this.request("bye").catch(() => {});
    this.#end("closed");
  }

  /** Looks whether the connection stands, at once: after the network changed, or the machine slept. */
  check() {
    if (this.#state === "reconnecting") this.#wake?.();
    if (this.#state === "online") this.#probe();
  }

  // ---- the way to a session

  #loginForm() {
    const { account, password, client } = this.#credentials;
    return element("login", { id: "login", authData: account, password, version: client });
  }

  async #begin(form) {
    this.#become("connecting");
    try {
      await this.#enter(form);
    } catch (e) {
      this.#drop();
      this.#become("idle");
      throw e;
    }
    this.#online();
    return this.session;
  }

  // Opens a connection and sends a login over it; takes what the server says of the session.
  async #enter(form) {
    await this.#open();
    const answer = new Promise((resolve, reject) => this.#expect("login", resolve, reject));
    this.#say(form);
    const said = (await answer).find((e) => e.localName === "session");
    if (!said) throw new XIMSSError(0, "server protocol error");
    const word = (name) => said.getAttribute(name) ?? "";
    this.session = { urlID: word("urlID"), random: word("random"), account: word("userName") || this.session?.account || "",
      realName: word("realName"), agent: word("agent"), version: word("version") };
    return { resumed: word("resumed") === "1", overflow: word("overflow") === "1" };
  }

  #open() {
    return new Promise((resolve, reject) => {
      const socket = new this.Socket(this.url, "ximss");
      this.#socket = socket;
      const late = setTimeout(() => socket.close(), patience);
      socket.onopen = () => {
        clearTimeout(late);
        resolve();
      };
      socket.onmessage = (e) => socket === this.#socket && this.#take(e.data);
      socket.onclose = () => {
        clearTimeout(late);
        reject(new XIMSSError(0, "communication error"));
        if (socket === this.#socket) this.#broken();
      };
    });
  }

  #online() {
    this.#become("online");
    clearInterval(this.#beat);
    this.#beat = setInterval(() => this.#probe(), beat);
    for (const { send } of this.#held.splice(0)) send();
  }

  // A connection that does not answer is no connection: some are gone without a word.
  #probe() {
    const socket = this.#socket;
    this.request("noop").catch((e) => {
      if (e.number === 0 && socket === this.#socket && this.#state === "online") {
        this.#drop();
        this.#broken();
      }
    });
  }

  #drop() {
    clearInterval(this.#beat);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) socket.onclose = null;
    socket?.close();
  }

  // ---- what breaks

  #broken() {
    this.#settleLogin();
    if (this.#state !== "online") return;
    clearInterval(this.#beat);
    this.#become("reconnecting");
    this.#comeBack();
  }

  // The login of an attempt whose connection broke will not be answered.
  #settleLogin() {
    const login = this.#pending.get("login");
    this.#pending.delete("login");
    clearTimeout(login?.timer);
    login?.reject(new XIMSSError(0, "communication error"));
  }

  async #comeBack() {
    for (let wait = retryFirst; this.#state === "reconnecting"; wait = Math.min(wait * 2, retryMost)) {
      await new Promise((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, wait * (0.75 + Math.random() / 2));
      });
      if (this.#state !== "reconnecting") return;
      try {
        const { urlID, random } = this.session;
        const how = await this.#enter(element("login", { id: "login", sessionID: urlID, random }));
        this.#online();
        return this.#tell("resumed", { overflow: how.overflow });
      } catch (e) {
        this.#drop();
        if (isGone(e) && (await this.#renew())) return;
      }
    }
  }

  // The session is gone. Another one is begun if the password is known.
  async #renew() {
    if (!this.#credentials) {
      this.#end("expired");
      return true;
    }
    try {
      await this.#enter(this.#loginForm());
    } catch (e) {
      this.#drop();
      if (e.number === 515) this.#end("expired");
      return e.number === 515;
    }
    this.#fail("async Object not found");
    this.#online();
    this.#tell("renewed");
    return true;
  }

  #end(cause) {
    if (this.#state === "ended") return;
    this.#become("ended");
    this.#drop();
    this.#fail("you have been disconnected");
    this.#credentials = null;
    this.#tell("ended", cause);
  }

  // Whatever waits for an answer gets none.
  #fail(text) {
    const waiting = [...this.#pending.values(), ...this.#held.splice(0)];
    this.#pending.clear();
    for (const p of waiting) {
      clearTimeout(p.timer);
      p.reject(new XIMSSError(0, text));
    }
  }

  // ---- words

  #say(markup) {
    if (this.#socket?.readyState === 1) this.#socket.send(markup.text);
  }

  #expect(id, resolve, reject) {
    const p = { resolve, reject, data: [], timer: 0 };
    const late = () => {
      if (this.#state === "reconnecting" && id !== "login") return this.#arm(p, late); // it may be answered yet
      this.#pending.delete(id);
      reject(new XIMSSError(0, "request time-out"));
    };
    this.#arm(p, late);
    this.#pending.set(id, p);
  }

  #arm(p, late) {
    p.timer = setTimeout(late, patience);
  }

  #take(text) {
    let e;
    try {
      e = parse(text);
    } catch {
      return;
    }
    const id = e.getAttribute("id");
    if (id === null && e.localName === "bye") return this.#end("bye");
    if (id === null) return this.#tell("message", e);
    const p = this.#pending.get(id);
    if (!p) return;
    if (e.localName !== "response") {
      p.data.push(e);
      return;
    }
    this.#pending.delete(id);
    clearTimeout(p.timer);
    const fault = e.getAttribute("errorText");
    if (fault === null) p.resolve(p.data);
    else p.reject(new XIMSSError(Number(e.getAttribute("errorNum")) || 500, fault));
  }

  #become(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#tell("state", state);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

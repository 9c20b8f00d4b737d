// An agent of queues over a session. It is a module of its own, for those who are agents:
//
//   import { Agent } from "/static/ximss/agent.js";
//
//   const agent = new Agent(connection);                 // a Connection that is online
//   agent.addEventListener("state", () => console.log(agent.state.state, agent.state.queue, agent.state.number));
//   await agent.watch();                                 // from now on `state` and `queues` are there
//   await agent.login();                                 // at the own account; login({queues: ["sales"], device: "1005"})
//   await agent.ready();
//   // later: agent.pause("lunch"), agent.moreWrapUp(30), agent.queue("sales", false), agent.logout()
//
// connection.session.agent is the name of the agent to whom the account belongs, "" if it is none. What can not be is
// refused: each operation rejects with an XIMSSError, 514 where there is no such agent or queue, 517 where the agent can
// not do that now.
import { element } from "./element.js";
import { moment } from "./phone.js";

const skew = 2000; // ms by which two clocks may differ: the server says whole seconds

/**
 * One agent: how he stands, and what he does.
 *
 * Events (CustomEvents): `state` (detail: Agent.state) whenever something of him has changed, `queues` (detail: the
 * queue's state) whenever one of his queues has.
 *
 * Times are ms since 1970 by the clock of this machine, 0 for none; lengths are ms.
 */
export class Agent extends EventTarget {
  #name;
  #watching = false;
  #asked = new Set(); // queues that are subscribed to

  /**
   * @param {Connection} connection
   * @param {string} [name] of another agent, on whose behalf the account may act
   */
  constructor(connection, name = "") {
    super();
    this.connection = connection;
    this.#name = name;
    /**
     * How he stands, null before watch: {agent, state, since, reason, next, reachable, queue, caller, number, name,
     * callerSince, wrapUpUntil, loggedOn, outside, device, queues: [{name, on, reason, penalty, calls}], day: {begun, calls,
     * worked, talk, wrapUp, paused}}. state is "logged out", "ready", "reserved", "ringing", "talking", "wrap-up", "paused", or
     * "none" if there is no such agent any more; next is what he has chosen for after his call, "" if nothing.
     */
    this.state = null;
    /** His queues by name: {queue, waiting, callbacks, longestSince, agents, ready, stale}. @type {Map<string, object>} */
    this.queues = new Map();
    connection.addEventListener("message", (e) => this.#take(e.detail));
    connection.addEventListener("renewed", () => this.#watching && this.watch().catch(() => {}));
  }

  /** Begins to be told. @throws {XIMSSError} if the account is no agent's */
  async watch() {
    this.#watching = true;
    this.#asked.clear();
    for (const e of await this.#ask("agentSubscribe")) this.#take(e);
  }

  /** Begins to work. @param {{queues?: string[], device?: string}} [how] queues: in these of his alone; device: an account whose phones ring, his own by default */
  login({ queues = [], device } = {}) {
    return this.#ask("agentLogin", { device }, ...queues.map((name) => element("queue", { name })));
  }

  /** Works no more, at once or after the call. */
  logout() {
    return this.#ask("agentLogout");
  }

  /** Takes no calls, at once or after this one. In a pause it changes the reason. */
  pause(reason = "") {
    return this.#ask("agentPause", { reason });
  }

  /** Takes calls: ends a pause or the wrap-up, takes back what was chosen for after the call. */
  ready() {
    return this.#ask("agentReady");
  }

  /** Takes more time after a call. */
  moreWrapUp(seconds = 30) {
    return this.#ask("agentMoreWrapUp", { seconds: String(seconds) });
  }

  /** Works for one of his queues, or not. */
  queue(name, on, reason) {
    return this.#ask("agentQueue", { queue: name, on: on ? "1" : "0", reason });
  }

  /** Has it looked into whether he does what he is said to do. */
  check() {
    return this.#ask("agentCheck");
  }

  /**
   * Tells how his call is recorded: "none", "on" or "paused"; with "pause" or "resume" it is so then.
   * @param {"pause"|"resume"} [turn]
   */
  async recording(turn) {
    return (await this.#ask("agentRecording", { turn }))[0]?.getAttribute("recording") ?? "none";
  }

  #ask(name, attributes = {}, ...children) {
    return this.connection.request(name, { agent: this.#name || undefined, ...attributes }, ...children);
  }

  #take(e) {
    if (e.localName === "queueState") this.#queue(e);
    if (e.localName === "agentState" && e.getAttribute("agent") === (this.#name || this.connection.session?.agent)) this.#agent(e);
  }

  #agent(e) {
    const { text, number, time } = reader(e);
    const state = { agent: text("agent"), state: text("state"), since: time("since"), reason: text("reason"), next: text("next"),
      reachable: text("reachable") === "1", queue: text("queue"), caller: text("caller"), number: text("number"), name: text("name"),
      callerSince: time("callerSince"), wrapUpUntil: time("wrapUpUntil"), loggedOn: time("loggedOn"), outside: number("outside"),
      device: text("device"), queues: [], day: null };
    for (const part of e.children) {
      const r = reader(part, e);
      if (part.localName === "queue") state.queues.push({ name: r.text("name"), on: r.text("on") === "1", reason: r.text("reason"),
        penalty: r.number("penalty"), calls: r.number("calls") });
      if (part.localName === "day") state.day = { begun: r.time("begun"), calls: r.number("calls"), worked: r.number("worked") * 1000,
        talk: r.number("talk") * 1000, wrapUp: r.number("wrapUp") * 1000, paused: r.number("paused") * 1000 };
    }
    this.state = state;
    this.#follow(state.queues.map((q) => q.name));
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }

  // Is told of his queues, and of no others.
  #follow(names) {
    for (const name of names) {
      if (this.#asked.has(name)) continue;
      this.#asked.add(name);
      this.connection.request("queueSubscribe", { queue: name }).then((data) => data.forEach((e) => this.#take(e)), () => this.#asked.delete(name));
    }
    for (const name of [...this.#asked]) {
      if (names.includes(name)) continue;
      this.#asked.delete(name);
      this.queues.delete(name);
      this.connection.request("queueUnsubscribe", { queue: name }).catch(() => {});
    }
  }

  #queue(e) {
    const { text, number, time } = reader(e);
    const q = { queue: text("queue"), waiting: number("waiting"), callbacks: number("callbacks"), longestSince: time("longestSince"),
      agents: number("agents"), ready: number("ready"), stale: text("stale") === "1" };
    if (text("gone") === "1") this.queues.delete(q.queue);
    else this.queues.set(q.queue, q);
    this.dispatchEvent(new CustomEvent("queues", { detail: q }));
  }
}

// Reads attributes. Times are brought to the clock of this machine by what the message says of the server's.
function reader(e, message = e) {
  const text = (name) => e.getAttribute(name) ?? "";
  const ahead = moment(message.getAttribute("now")) - Date.now();
  const offset = Math.abs(ahead) > skew && message.hasAttribute("now") ? ahead : 0;
  const time = (name) => {
    const t = moment(text(name));
    return t && t - offset;
  };
  return { text, number: (name) => Number(text(name)) || 0, time };
}

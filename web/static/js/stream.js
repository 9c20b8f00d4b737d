// The stream of events of a browser: one connection for all topics of all its pages. It runs in a shared
// worker, or in the page where there is none.

const beatLimit = 12000; // ms without a sign of life; the member gives one each 5 s
const retryFirst = 500; // ms before the first attempt to come back
const retryMost = 8000;
const pollAfter = 30000; // ms of a cut stream before snapshots are fetched one by one
const pollEvery = 10000;
const forgetPort = 180000; // ms without a word of a page: it has gone and could not say so

export class Stream {
  constructor() {
    this.ports = new Map(); // port -> {topics, seen}
    this.source = null;
    this.url = "";
    this.wait = retryFirst;
    this.cutSince = 0;
    this.heard = 0;
    setInterval(() => this.watch(), 1000);
  }

  // A page tells which topics it shows; an empty list is a farewell.
  follow(port, topics) {
    if (topics.length === 0) this.ports.delete(port);
    else this.ports.set(port, { topics, seen: Date.now() });
    this.open();
  }

  // A page is alive.
  alive(port) {
    const p = this.ports.get(port);
    if (p) p.seen = Date.now();
  }

  address() {
    const topics = new Set();
    for (const p of this.ports.values()) for (const t of p.topics) topics.add(t);
    const list = [...topics].sort().slice(0, 8);
    return list.length === 0 ? "" : "/events?" + list.map((t) => "topics=" + encodeURIComponent(t)).join("&");
  }

  // Opens the stream for what the pages show now. Equal topics of a page that comes late need a snapshot, so
  // a stream is opened anew for each page.
  open() {
    clearTimeout(this.timer);
    if (this.source) this.source.close();
    this.source = null;
    this.url = this.address();
    if (this.url === "") return;
    const source = new EventSource(this.url);
    this.source = source;
    this.heard = Date.now();
    source.addEventListener("beat", (e) => this.live({ kind: "beat", time: JSON.parse(e.data).time }));
    source.addEventListener("change", (e) => this.live({ kind: "change", message: JSON.parse(e.data) }));
    source.onerror = () => this.cut();
  }

  live(what) {
    this.heard = Date.now();
    this.wait = retryFirst;
    this.cutSince = 0;
    this.tell(what);
  }

  // The stream is cut: say so, look whether the login has lapsed, and try again.
  cut() {
    if (this.source) this.source.close();
    this.source = null;
    if (this.url === "") return;
    if (!this.cutSince) this.cutSince = Date.now();
    this.tell({ kind: "cut" });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(), this.wait);
    this.wait = Math.min(this.wait * 2, retryMost);
  }

  async again() {
    let answer = null;
    try {
      answer = await fetch(this.url + "&now=1", { headers: { Accept: "application/json" } });
    } catch {
      return this.cut();
    }
    if (answer.status === 401) return this.tell({ kind: "lapsed" });
    if (Date.now() - this.cutSince > pollAfter && answer.ok) {
      for (const message of (await answer.json()).messages) this.tell({ kind: "change", message, polled: true });
      this.wait = pollEvery;
    }
    this.open();
  }

  watch() {
    const now = Date.now();
    if (this.source && now - this.heard > beatLimit) this.cut();
    for (const [port, p] of this.ports) if (now - p.seen > forgetPort) this.follow(port, []);
  }

  tell(what) {
    for (const port of this.ports.keys()) port.postMessage(what);
  }
}

/** Lets a page speak with the stream over a port. */
export function serve(stream, port) {
  port.onmessage = (e) => {
    if (e.data.kind === "follow") stream.follow(port, e.data.topics);
    if (e.data.kind === "alive") stream.alive(port);
  };
}

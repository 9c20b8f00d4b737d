// What a page sends: the microphone, or a tone where there is none. One source serves all calls of a page.

const askingAfter = 500; // ms that the browser needs for a device without asking

/** The context of all sounds that a page makes. It runs once somebody has touched the page. */
let shared = null;
export function sounds() {
  if (!shared) {
    shared = new AudioContext();
    const wake = () => shared.state === "suspended" && shared.resume();
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, wake, true);
  }
  if (shared.state === "suspended") shared.resume().catch(() => {});
  return shared;
}

function stop(stream) {
  for (const t of stream?.getTracks() ?? []) t.stop();
}

/**
 * The source of sound. `change` is fired when its kind changes.
 */
export class Microphone extends EventTarget {
  #stream = null;
  #opening = null;
  #round = 0; // how often it was closed
  #abandon = null; // ends the search for a source
  #meter = null;
  #tone = null;
  #frequency = 440;

  constructor() {
    super();
    /** "none" before the first call, "asking" while the browser asks the user, "microphone", or "tone". */
    this.kind = "none";
    /** Why a tone is sent: "refused", "missing", "insecure" (the page came over plain HTTP), or "busy". */
    this.problem = "";
    /** The identifier of the device to take, "" for the machine's choice. */
    this.device = "";
  }

  /** Hz of the tone that is sent in place of a microphone. */
  get frequency() {
    return this.#frequency;
  }
  set frequency(hz) {
    this.#frequency = hz;
    if (this.#tone) this.#tone.frequency.value = hz;
  }

  /** Opens the source; the browser asks for permission at the first time. Never fails: a tone is the last resort. */
  open() {
    if (!this.#opening) this.#opening = this.#find(this.#round);
    return this.#opening;
  }

  async #find(round) {
    const asking = setTimeout(() => round === this.#round && this.#become("asking"), askingAfter);
    const asked = this.#ask();
    const found = await Promise.race([asked, new Promise((go) => (this.#abandon = go))]);
    clearTimeout(asking);
    if (round !== this.#round) { // closed meanwhile: nobody wants that device, and there may be another search
      asked.then(({ stream }) => stop(stream));
      return this.#opening;
    }
    const { stream, problem } = found;
    stream?.getAudioTracks()[0].addEventListener("ended", () => this.#lost());
    this.problem = problem;
    this.#stream = stream ?? this.#toneStream();
    this.#listen();
    this.#become(problem ? "tone" : "microphone");
  }

  // Asks the browser for the device, however long the user takes to allow it.
  async #ask() {
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    if (this.device) audio.deviceId = this.device;
    try {
      if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
      return { stream: await navigator.mediaDevices.getUserMedia({ audio }), problem: "" };
    } catch (e) {
      return { stream: null, problem: { NotAllowedError: "refused", SecurityError: "insecure", NotReadableError: "busy" }[e.name] || "missing" };
    }
  }

  #become(kind) {
    this.kind = kind;
    this.dispatchEvent(new Event("change"));
  }

  #toneStream() {
    const context = sounds();
    const out = context.createMediaStreamDestination();
    const gain = new GainNode(context, { gain: 0.2 });
    this.#tone = new OscillatorNode(context, { frequency: this.#frequency });
    this.#tone.connect(gain).connect(out);
    this.#tone.start();
    return out.stream;
  }

  #listen() {
    const context = sounds();
    this.#meter = new AnalyserNode(context, { fftSize: 1024 });
    context.createMediaStreamSource(this.#stream).connect(this.#meter);
  }

  // The device was pulled out: look for another one.
  #lost() {
    this.close();
    this.open().then(() => this.dispatchEvent(new Event("replaced")));
  }

  /**
   * A track of its own for one call, which can be muted and ended alone.
   * @returns {Promise<MediaStreamTrack>}
   * @throws {Error} if the source was closed before it was found
   */
  async track() {
    await this.open();
    if (!this.#stream) throw new Error("the microphone was closed");
    return this.#stream.getAudioTracks()[0].clone();
  }

  /** How loud the source is: 0 silence, 1 as loud as it can be, on a scale of 60 dB. */
  level() {
    if (!this.#meter) return 0;
    const samples = new Float32Array(this.#meter.fftSize);
    this.#meter.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const s of samples) sum += s * s;
    const db = 10 * Math.log10(sum / samples.length + 1e-12);
    return Math.min(1, Math.max(0, (db + 60) / 60));
  }

  /** Lets go of the device. The next call opens it again. */
  close() {
    this.#round++;
    this.#abandon?.();
    stop(this.#stream);
    this.#tone?.stop();
    this.#stream = this.#opening = this.#meter = this.#tone = null;
    this.kind = "none";
  }
}

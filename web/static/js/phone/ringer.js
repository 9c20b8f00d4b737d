// What rings here when somebody calls, and what is heard until the other side answers. Both are made, not loaded.
import { sounds } from "../../ximss/ximss.js";
import { read, write } from "./store.js";

// [frequencies in Hz, seconds on, seconds off]
const bell = { tones: [660, 880], on: 0.9, off: 1.6 };
const ringback = { tones: [425], on: 1, off: 4 };

/** How loud it rings, from 0 to 1, and on which device ("" is that of the machine). */
export const settings = read(localStorage, "ringer", { volume: 0.5, device: "" });

export function set(changes) {
  Object.assign(settings, changes);
  write(localStorage, "ringer", settings);
}

class Sound {
  #kind;
  #timer = 0;
  #context = null;

  constructor(kind) {
    this.#kind = kind;
  }

  start(volume, device = "") {
    if (this.#timer) return;
    const { on, off } = this.#kind;
    // A device of its own needs a context of its own.
    this.#context = device && AudioContext.prototype.setSinkId ? new AudioContext({ sinkId: device }) : sounds();
    const play = () => this.#play(volume);
    play();
    this.#timer = setInterval(play, (on + off) * 1000);
  }

  #play(volume) {
    const context = this.#context;
    if (context.state !== "running") return;
    const gain = new GainNode(context, { gain: 0 });
    const from = context.currentTime + 0.02;
    const until = from + this.#kind.on;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(volume * 0.3, from + 0.05);
    gain.gain.setValueAtTime(volume * 0.3, until - 0.05);
    gain.gain.linearRampToValueAtTime(0, until);
    gain.connect(context.destination);
    for (const frequency of this.#kind.tones) {
      const o = new OscillatorNode(context, { frequency });
      o.connect(gain);
      o.start(from);
      o.stop(until);
    }
    this.#gain = gain;
  }
  #gain = null;

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#gain?.disconnect();
    if (this.#context && this.#context !== sounds()) this.#context.close();
    this.#context = null;
  }
}

const ringing = new Sound(bell);
const waiting = new Sound(ringback);

/** Rings or not. */
export const ring = (yes) => (yes && settings.volume > 0 ? ringing.start(settings.volume, settings.device) : ringing.stop());

/** Lets hear that it rings at the other side. */
export const ringElsewhere = (yes) => (yes ? waiting.start(0.3) : waiting.stop());

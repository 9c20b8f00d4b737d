// A sound when a target is missed: a figure or a queue turns bad. It is off until somebody turns it on, and sounds once for
// each rise, since what is said without end is not heard.
import { effect } from "../vendor/signals.js";
import { part } from "./live.js";

const calmFor = 10000; // ms for which something must have been well to sound again
const tones = [880, 660]; // Hz, one after the other
const each = 0.18; // s

/** Watches the board, and is on. It keeps under a name whether it is; changed is called when the label may be another one. */
export function alarm(name, changed) {
  let context = null; // of the sound; null: it is off
  const bad = new Map(); // what is missed -> when it was so last

  const ready = () => context?.state === "running";
  const begin = () => {
    context = new AudioContext();
    context.onstatechange = changed;
    context.resume().then(changed, changed);
  };
  const toggle = () => {
    if (context && !ready()) return context.resume().then(changed, changed);
    if (context) {
      context.close?.();
      context = null;
    } else begin();
    localStorage.setItem(name, context ? "on" : "off");
    changed();
  };
  begin();
  localStorage.setItem(name, "on");

  let first = true; // what is bad from the beginning is no rise
  effect(() => {
    const now = Date.now();
    let rose = false;
    for (const key of missed()) {
      rose ||= now - (bad.get(key) ?? -Infinity) > calmFor;
      bad.set(key, Infinity);
    }
    for (const [key, at] of bad) if (at === Infinity && !missed().includes(key)) bad.set(key, now);
    if (rose && !first && ready()) ring(context);
    first &&= !part("view").value;
  });
  return { on: () => Boolean(context), label: () => (!context ? "Bell off" : ready() ? "Bell on" : "Bell waits for a press"), toggle };
}

// What is missed now, by the keys of its parts.
function missed() {
  const keys = (part("view").value?.figures ?? []).map((f) => "f/" + f);
  for (const row of part("p/queues").value?.rows ?? []) keys.push("r/queues/" + row);
  return keys.filter((key) => part(key).value?.tone === "bad");
}

function ring(context) {
  tones.forEach((hz, i) => {
    const [tone, loud] = [context.createOscillator(), context.createGain()];
    const at = context.currentTime + i * each;
    tone.frequency.value = hz;
    loud.gain.setValueAtTime(0.2, at);
    loud.gain.linearRampToValueAtTime(0, at + each);
    tone.connect(loud).connect(context.destination);
    tone.start(at);
    tone.stop(at + each);
  });
}

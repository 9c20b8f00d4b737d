// Keys of the phone. Single letters can be switched off, and never act inside fields.
import * as s from "./state.js";
import * as acts from "./acts.js";
import { open, armed } from "./opened.js";

const sure = 3000; // ms in which the second E ends the call

/** Single letters act. The switch is shared with the other pages. */
export const lettersOn = () => localStorage.getItem("tandem-keys") !== "off";

export function keys() {
  addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.closest("input, select, textarea, [contenteditable], dialog")) return;
    if (s.state.value === "idle") return;
    if (e.key === "?") return used(e, () => import("./help.js").then((m) => m.help()));
    if (!lettersOn()) return;
    const act = /^[0-9*#+]$/.test(e.key) ? () => digit(e.key) : letters[e.key.toLowerCase()];
    if (act && act() !== false) e.preventDefault();
  });
}

function used(e, act) {
  e.preventDefault();
  act();
}

const up = () => (s.active.value?.state === "connected" ? s.active.value : null);

const letters = {
  a: () => s.incoming.value[0] && acts.answer(s.incoming.value[0]),
  d: () => s.incoming.value[0] && acts.decline(s.incoming.value[0]),
  m: () => up() && acts.mute(up()),
  h: () => {
    const call = up() || s.held.value[s.held.value.length - 1];
    if (call) acts.hold(call);
  },
  t: () => {
    if (up()) open.value = "transfer";
  },
  e: end,
};

let timer = 0;
function end() {
  const call = s.active.value;
  if (!call) return;
  clearTimeout(timer);
  if (armed.value) {
    armed.value = false;
    acts.end(call);
    return;
  }
  armed.value = true;
  s.spoken.value = "Press E again to end the call";
  timer = setTimeout(() => (armed.value = false), sure);
}

// In a call a digit is sent. Else the dial field gets the focus before the browser puts the digit where that is.
function digit(d) {
  if (up()) {
    open.value = "keys";
    acts.press(up(), d);
    return true;
  }
  document.querySelector(".dialpad input")?.focus();
  return false;
}

// Keys of the phone. Single letters can be switched off, and never act inside fields.
import { dialog } from "../dialog.js";
import * as s from "./state.js";
import * as acts from "./acts.js";
import { open, armed } from "./opened.js";

const switchName = "tandem-keys"; // shared with the other pages
const sure = 3000; // ms in which the second E ends the call

const list = [
  ["A", "answer"],
  ["D", "decline"],
  ["M", "mute, and let speak again"],
  ["H", "hold, and take back"],
  ["T", "transfer"],
  ["E E", "end the call"],
  ["0-9 * #", "dial, or send to the other side"],
  ["?", "this list"],
];

const lettersOn = () => localStorage.getItem(switchName) !== "off";

export function keys() {
  addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.closest("input, select, textarea, [contenteditable], dialog")) return;
    if (s.state.value === "idle") return;
    if (e.key === "?") return used(e, help);
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

function help() {
  dialog("Keys", (body) => {
    const dl = document.createElement("dl");
    dl.className = "facts";
    for (const [key, what] of list) {
      const dt = document.createElement("dt");
      const kbd = document.createElement("kbd");
      kbd.textContent = key;
      dt.append(kbd);
      const dd = document.createElement("dd");
      dd.textContent = what;
      dl.append(dt, dd);
    }
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = lettersOn();
    box.addEventListener("change", () => localStorage.setItem(switchName, box.checked ? "on" : "off"));
    label.append(box, " Single letters act");
    body.append(dl, label);
  });
}

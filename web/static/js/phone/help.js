// The list of keys. It is loaded when somebody asks for it.
import { dialog } from "../dialog.js";
import { lettersOn } from "./keys.js";

const list = [
  ["A", "answer"],
  ["D", "decline"],
  ["M", "mute, and let speak again"],
  ["H", "hold, and take back"],
  ["T", "transfer"],
  ["E E", "end the call"],
  ["P", "of an agent: pause, and be ready again"],
  ["0-9 * #", "dial, or send to the other side"],
  ["?", "this list"],
];

/** Opens the list. */
export function help() {
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
    box.addEventListener("change", () => localStorage.setItem("tandem-keys", box.checked ? "on" : "off"));
    label.append(box, " Single letters act");
    body.append(dl, label);
  });
}

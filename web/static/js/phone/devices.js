// The dialog of devices: microphone, sound, and what rings how loud. It is loaded when somebody opens it.
import { dialog } from "../dialog.js";
import * as s from "./state.js";
import * as ringer from "./ringer.js";
import { microphoneAgain } from "./acts.js";
import { read, write } from "./store.js";

/** Opens the dialog. */
export async function devices() {
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  dialog("Sound", (body) => {
    body.append(
      list("Microphone", all.filter((d) => d.kind === "audioinput"), s.phone.microphone.device, (id) => {
        s.phone.microphone.device = id;
        write(localStorage, "microphone", id);
        if (s.calls.value.length > 0) microphoneAgain();
      }),
      list("Calls are heard on", all.filter((d) => d.kind === "audiooutput"), read(localStorage, "speaker", ""), (id) => {
        write(localStorage, "speaker", id);
        for (const c of s.calls.value) c.media.player.setSinkId?.(id).catch(() => {});
      }),
      list("It rings on", all.filter((d) => d.kind === "audiooutput"), ringer.settings.device, (id) => ringer.set({ device: id })),
      volume(),
    );
  });
}

function labelled(text, control) {
  const label = document.createElement("label");
  label.append(text, control);
  return label;
}

function list(text, found, chosen, choose) {
  const select = document.createElement("select");
  select.append(new Option("As the machine has it", ""));
  found.forEach((d, i) => d.deviceId && d.deviceId !== "default" && select.append(new Option(d.label || `${text} ${i + 1}`, d.deviceId)));
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = "";
  select.addEventListener("change", () => choose(select.value));
  return labelled(text, select);
}

function volume() {
  const input = document.createElement("input");
  Object.assign(input, { type: "range", min: 0, max: 1, step: 0.05, value: ringer.settings.volume });
  input.addEventListener("change", () => {
    ringer.set({ volume: Number(input.value) });
    ringer.ring(true);
    setTimeout(() => ringer.ring(s.incoming.value.length > 0), 1200);
  });
  return labelled("How loud it rings", input);
}

// A board can take the whole screen: by its button, by f, or by #full in its address. It can sound when a target is missed.
import { h, render } from "../vendor/preact.js";
import { Icon } from "./view.js";
import { addKey } from "./keys.js";
import { closeActs } from "./steady.js";

const bellName = "tandem-bell:" + location.pathname; // where it is kept whether the bell is on

export function board() {
  const place = document.createElement("span");
  place.className = "row";
  document.querySelector(".head .end").append(place);

  const button = (icon, label, on, act) => h("button", { type: "button", class: "tight", "aria-pressed": String(on), onClick: act }, h(Icon, { name: icon }), label);
  const paint = () => {
    const on = document.body.classList.contains("full");
    render([button("ring", bell ? bell.label() : "Bell off", Boolean(bell?.on()), ring), button("full", on ? "Leave full screen" : "Full screen", on, toggle)], place);
  };
  let bell = null; // it is loaded when somebody wants it
  let loading = false;
  let failed = 0; // a browser may remember that a module did not come: it is asked for by another address then
  const ring = async () => {
    if (bell) bell.toggle();
    else if (!loading) {
      loading = true;
      try {
        bell = (await import("./alarm.js" + (failed ? "?" + failed : ""))).alarm(bellName, () => paint());
      } catch {
        failed++;
      }
      loading = false;
    }
    paint();
  };
  const set = (on) => {
    if (on) closeActs();
    document.body.classList.toggle("full", on);
    history.replaceState(history.state, "", location.pathname + location.search + (on ? "#full" : ""));
    awake(on);
    paint();
  };
  // The browser may refuse its screen; the frame goes all the same.
  const toggle = () => {
    const on = !document.body.classList.contains("full");
    set(on);
    if (on) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen();
  };
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && document.body.classList.contains("full")) set(false);
  });

  addKey("1", "to 6: open a figure", () => open(0));
  for (let n = 2; n <= 6; n++) addKey(String(n), "", () => open(n - 1));
  addKey("f", "full screen, and back", toggle);
  addKey("b", "bell when a target is missed, on and off", ring);
  set(location.hash === "#full");
  if (localStorage.getItem(bellName) === "on") ring();
}

function open(n) {
  document.querySelectorAll("#live .fig")[n]?.querySelector("a")?.click();
}

// A screen on the wall must not go dark; where the browser can not help it, it is left to the machine.
let lock = null;
function awake(on) {
  if (on) navigator.wakeLock?.request("screen").then((l) => (lock = l), () => {});
  else lock?.release();
}

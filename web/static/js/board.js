// A board can take the whole screen: by its button, by f, or by #full in its address.
import { h, render } from "../vendor/preact.js";
import { Icon } from "./view.js";
import { addKey } from "./keys.js";

export function board() {
  const place = document.createElement("span");
  document.querySelector(".head .end").append(place);

  const paint = () => {
    const on = document.body.classList.contains("full");
    const label = on ? "Leave full screen" : "Full screen";
    render(h("button", { type: "button", class: "tight", "aria-pressed": String(on), onClick: toggle }, h(Icon, { name: "full" }), label), place);
  };
  const set = (on) => {
    document.body.classList.toggle("full", on);
    history.replaceState(history.state, "", location.pathname + location.search + (on ? "#full" : ""));
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
  set(location.hash === "#full");
}

function open(n) {
  document.querySelectorAll("#live .fig")[n]?.querySelector("a")?.click();
}

// Keys that act everywhere. Single letters can be switched off, and never act inside fields.
import { toggleHold } from "./live.js";
import { dialog } from "./dialog.js";

const switchName = "tandem-keys";
const list = [
  ["/", "search"],
  ["g, then h m q v a s o l k x p t r c u e", "go to Home, Members, Queues, Servers live (v), Agents, Statistics, Sources, Legs, Tasks, XIMSS sessions, Registrations (phones), Trunks, Reports, Cluster, settings of queues (u) and agents (e)"],
  [".", "hold: freeze the page, and let it go on"],
  ["t", "light or dark colours"],
  ["e", "how a statistic comes about"],
  ["u", "undo the last change"],
  ["↑ ↓", "row by row in a table"],
  ["Enter", "open the row"],
  ["Tab", "what can be done in the row"],
  ["Shift F10", "the acts of the row, as its button opens them"],
  ["?", "this list"],
];
const places = { // those of screen/frame.go, by key
  h: "/", m: "/monitors/members", q: "/monitors/queues", v: "/monitors/live", a: "/monitors/agents", s: "/monitors/statistics",
  o: "/monitors/sources", l: "/monitors/legs", k: "/monitors/tasks", x: "/monitors/sessions", p: "/monitors/registrations", t: "/monitors/trunks",
  r: "/reports/overview", c: "/settings/cluster", u: "/settings/queues", e: "/settings/agents",
};
const more = {}; // keys of this page alone
let going = 0; // when g was pressed

const lettersOn = () => localStorage.getItem(switchName) !== "off";

/** Has a key act on this page; what is for the list of keys. */
export function addKey(key, what, act) {
  more[key] = act;
  if (what) list.unshift([key, what]);
}

export function keys() {
  addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.closest("input, select, textarea, [contenteditable], dialog")) return;
    if (acts(e) || rows(e)) return;
    if (lettersOn() || e.key === "?") letter(e);
  });
}

function letter(e) {
  if (going && Date.now() - going < 1500) {
    going = 0;
    const link = [...document.querySelectorAll(".realms a, .side a, .pop a")].find((a) => a.getAttribute("href") === places[e.key]);
    if (places[e.key] && (link || places[e.key] !== "/")) location.href = places[e.key];
    return;
  }
  const acts = {
    "/": search,
    g: () => (going = Date.now()),
    ".": toggleHold,
    t: () => document.querySelector("form.theme button").click(),
    u: () => [...document.querySelectorAll("#notice button")].find((b) => b.textContent.trim() === "Undo")?.click(),
    e: () => document.getElementById("h-explain")?.closest("section").querySelector(".scroll").focus(),
    "?": help,
    ...more,
  };
  if (acts[e.key]) {
    e.preventDefault();
    acts[e.key]();
  }
}

// The field stands in the bar, or among the pages of a narrow screen.
function search() {
  const field = [...document.querySelectorAll("form.search input")].find((i) => i.offsetParent);
  field?.focus();
  field?.select();
}

// Arrows move from row to row of the table that has the focus. One row can be reached by Tab at a time.
function rows(e) {
  if (e.key !== "ArrowDown" && e.key !== "ArrowUp" && e.key !== "Enter") return false;
  const region = e.target.closest(".scroll");
  if (!region) return false;
  const all = [...region.querySelectorAll("tbody tr")];
  const at = all.indexOf(e.target.closest("tr"));
  if (e.key === "Enter") {
    const link = e.target.matches("tr") && e.target.querySelector("a");
    if (link) link.click();
    return Boolean(link);
  }
  const next = all[at < 0 ? 0 : at + (e.key === "ArrowDown" ? 1 : -1)];
  if (!next) return at >= 0;
  e.preventDefault();
  for (const row of all) row.removeAttribute("tabindex");
  next.tabIndex = 0;
  next.focus();
  return true;
}

// Shift+F10 or the menu key opens the acts of a row; among them arrows go from one to the next.
function acts(e) {
  const menu = e.target.closest(".acts");
  if (menu && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
    const all = [...menu.querySelectorAll("a, button")];
    const next = all[all.indexOf(document.activeElement) + (e.key === "ArrowDown" ? 1 : -1)];
    e.preventDefault();
    next?.focus();
    return true;
  }
  if (e.key !== "ContextMenu" && !(e.key === "F10" && e.shiftKey)) return false;
  const button = e.target.closest("tr, .agents li")?.querySelector(".more");
  if (!button) return false;
  e.preventDefault();
  button.click();
  document.getElementById(button.getAttribute("popovertarget"))?.querySelector("a, button")?.focus();
  return true;
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

// Where the hand of the reader is: the panel over which the pointer is, in which the focus is, or of which acts are open.
// There nothing may jump: see live.js.

const restFor = 3000; // ms that the hand has to be away before rows take their order again
const idleFor = 60000; // ms: a pointer that lies still, and a focus that nobody moves, are nobody's hand

let panel = ""; // in which the hand is
let pointed = ""; // the panel below the pointer
let moved = 0; // when pointer or keys were used last
let left = 0; // since when the hand is away; 0: it is not

/** The panel in which the hand is; "" where it is in none. */
export const hand = () => panel;

const panelOf = (e) => e?.closest?.("#live section.panel")?.getAttribute("aria-labelledby")?.replace(/^h-/, "") ?? "";
const rowsOf = (e) => (e?.closest?.("tr, .agents li, .acts") ? panelOf(e) : "");

/** Watches the hand; released is called when it has left. */
export function watch(released) {
  const touch = (id) => {
    moved = Date.now();
    if (id) [panel, left] = [id, 0];
  };
  addEventListener("pointermove", (e) => touch((pointed = rowsOf(e.target))));
  addEventListener("pointerleave", () => (pointed = ""));
  document.addEventListener("mouseleave", () => (pointed = ""));
  addEventListener("keydown", () => touch(""));
  addEventListener("focusin", (e) => touch(rowsOf(e.target)));
  setInterval(() => {
    if (!panel || there()) return;
    left ||= Date.now();
    if (Date.now() - left < restFor) return;
    [panel, left] = ["", 0];
    released();
  }, 250);
}

/** Closes what is open of acts. */
export function closeActs() {
  for (const menu of document.querySelectorAll(".acts:popover-open")) menu.hidePopover();
}

// The hand is there yet. Acts that somebody has opened and left are nobody's hand either, and would stand over another row.
function there() {
  if (Date.now() - moved > idleFor) {
    closeActs();
    return false;
  }
  if (document.querySelector(".acts:popover-open, dialog[open]")) return true;
  return pointed === panel || rowsOf(document.activeElement) === panel;
}

// What is open or half done on the page, by mouse or by key.
import { signal } from "../../vendor/signals-core.js";

/** What is open below the active call: "", keys, or transfer. */
export const open = signal("");
/** E was pressed once, and ends the call when it is pressed again. */
export const armed = signal(false);
/** What stands in the dial field. */
export const dialled = signal("");
/** The part that a small screen shows: call, recent, people, messages. */
export const tab = signal("call");

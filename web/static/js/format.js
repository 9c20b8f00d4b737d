// Lengths of time, as Length in format.go says them.

const two = (n) => String(n).padStart(2, "0");

/** A length in milliseconds: 300 ms, 0:06, 2:48, 1:02:11, 2 d 3 h. */
export function length(ms) {
  if (ms < 0) ms = 0;
  if (ms > 0 && ms < 1000) return `${Math.floor(ms)} ms`;
  const s = Math.floor(ms / 1000);
  if (s >= 2 * 86400) return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
  if (s >= 3600) return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return `${Math.floor(s / 60)}:${two(s % 60)}`;
}

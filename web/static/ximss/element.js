// XIMSS elements as text and back. Nothing is written that the other side could take for markup.

/** Markup that is ready to be sent: made by element, and safe as a child of another one. */
export class Markup {
  constructor(text) {
    this.text = text;
  }
  toString() {
    return this.text;
  }
}

const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;" };

// What XML 1.0 can not carry in any form: control characters, halves of surrogate pairs, and two more.
// eslint-disable-next-line no-control-regex
const barred = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const clean = (s) => String(s).replace(barred, "\ufffd");
const inText = (s) => clean(s).replace(/[&<>\r]/g, (c) => names[c]);
const inAttribute = (s) => clean(s).replace(/[&<>"\t\n\r]/g, (c) => names[c]);

/**
 * Writes an element.
 * @param {string} name of the element; our own word, never a user's
 * @param {Object<string, *>} [attributes] those that are undefined, null or "" are left out
 * @param {...(string|Markup|Markup[]|null)} children text, or elements; null and undefined are left out
 * @returns {Markup}
 */
export function element(name, attributes = {}, ...children) {
  let text = "<" + name;
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === "") continue;
    text += ` ${key}="${inAttribute(value)}"`;
  }
  const body = children
    .flat()
    .filter((c) => c !== null && c !== undefined)
    .map((c) => (c instanceof Markup ? c.text : inText(c)))
    .join("");
  return new Markup(body === "" ? text + "/>" : `${text}>${body}</${name}>`);
}

/**
 * Reads one document.
 * @param {string} text
 * @returns {Element} its root
 * @throws {SyntaxError} if it is no well-formed document
 */
export function parse(text) {
  const root = new DOMParser().parseFromString(text, "application/xml").documentElement;
  if (!root || root.getElementsByTagName("parsererror").length > 0 || root.localName === "parsererror") {
    throw new SyntaxError("the server sent something that is no XML document");
  }
  return root;
}

/** The children of an element that have a name. @returns {Element[]} */
export const childrenOf = (e, name) => [...e.children].filter((c) => c.localName === name);

/** The first child of a name, or undefined. @returns {Element|undefined} */
export const child = (e, name) => childrenOf(e, name)[0];

/** The text of the first child of a name, "" without one. */
export const textOf = (e, name) => child(e, name)?.textContent ?? "";

// A state is a tone, a shape and a word, on every page.
import { h } from "../vendor/preact.js";
import htm from "../vendor/htm.js";

export const html = htm.bind(h);
const icons = new URL("../icons.svg", import.meta.url).pathname;

export const Icon = ({ name }) => html`<svg class="i" aria-hidden="true"><use href=${icons + "#" + name} /></svg>`;

export const State = ({ tone, shape, word }) =>
  html`<span class=${"st " + tone + (shape === "ring" ? " ring" : "")}><${Icon} name=${shape} /><bdi>${word}</bdi></span>`;

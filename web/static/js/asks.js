// Questions over the page: what would lead to a page that asks before something is done asks here instead, and the page
// goes on below. Whatever fails is left to the browser, which goes to that page.
import { dialog } from "./dialog.js";
import { send, notice } from "./forms.js";

/** Asks what a link would lead to. */
export async function ask(link) {
  const menu = link.closest("[popover]");
  const opener = (menu && document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`)) || link;
  const question = await read(link.href);
  if (!question) {
    location.href = link.href;
    return;
  }
  menu?.hidePopover();
  const close = dialog(question.title, (body) => body.append(question.form), { done: () => opener.isConnected && opener.focus() });
  question.form.querySelector("input:not([type=hidden]), select, button")?.focus();
  question.form.querySelector("a.btn")?.remove(); // the dialog has a button that closes it
  question.form.addEventListener("submit", (e) => answer(e, close));
}

// The question of a page; null where there is none.
async function read(href) {
  try {
    const got = await fetch(href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await got.text(), "text/html");
    const form = page.querySelector("form.ask");
    return got.ok && !got.redirected && form ? { title: page.querySelector("h1").textContent, form: document.adoptNode(form) } : null;
  } catch {
    return null;
  }
}

// What was not done is told where it was asked, so that it can be mended there.
async function answer(e, close) {
  e.preventDefault();
  const form = e.currentTarget;
  const button = e.submitter ?? form.querySelector("button");
  button.disabled = true;
  const { done, told } = await send(form, button);
  button.disabled = false;
  if (done) {
    close();
    if (told) notice(told);
  } else if (told) tell(form, told.text);
}

function tell(form, text) {
  let place = form.querySelector("[role=alert]");
  if (!place) {
    place = document.createElement("p");
    place.setAttribute("role", "alert");
    place.className = "alert bad";
    form.prepend(place);
  }
  place.textContent = text;
}

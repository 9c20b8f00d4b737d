// Forms that do something at once: the page stays, and what came of it is told above. Whatever fails here
// is left to the browser, which sends the form as one without script would.
import { h, render } from "../vendor/preact.js";
import { Act, Icon } from "./view.js";

/** Sends a form and shows its notice; says whether it was done. */
export async function submit(e) {
  const form = e.currentTarget;
  e.preventDefault();
  form.closest("[popover]")?.hidePopover();
  const { done, told } = await send(form, e.submitter);
  if (told) notice(told);
  return done;
}

/** Sends a form; says whether it was done, and what was told of it: nothing, where a question comes first. */
export async function send(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button && button.name) fields.set(button.name, button.value);
  let answer;
  let done = false;
  try {
    const sent = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } });
    answer = await sent.json();
    done = sent.ok;
  } catch {
    return { done, told: { state: { tone: "bad", shape: "cut" }, text: "The member did not answer. Nothing is known of the change; look again." } };
  }
  if (answer.ask) {
    plainly(form, fields);
    return { done: Boolean(answer.notice) && done };
  }
  if (answer.error) return { done: false, told: { state: { tone: "bad", shape: "over" }, text: answer.error.message } };
  return { done, told: answer.notice };
}

// Sends the form as a browser does, since the member has a question to show.
function plainly(form, fields) {
  const copy = document.createElement("form");
  copy.method = "post";
  copy.action = form.action;
  for (const [name, value] of fields) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    copy.append(field);
  }
  document.body.append(copy);
  copy.submit();
}

/** Shows what came of the last act; it is read out, since the place is a live region. */
export function notice(n) {
  const place = document.getElementById("notice");
  render(
    h("div", { class: "alert " + n.state.tone }, h(Icon, { name: n.state.shape }), h("span", null, h("bdi", null, n.text)),
      h("span", { class: "end" }, n.act ? h(Act, { act: n.act }) : null)),
    place,
  );
}

// A dialog over the page.

/** Opens a dialog that fill fills; returns a function that closes it. A lasting one has no other way out; done is called behind it. */
export function dialog(title, fill, { lasting = false, done = () => {} } = {}) {
  const box = document.createElement("dialog");
  box.className = "box";
  box.setAttribute("aria-label", title);
  const body = document.createElement("div");
  body.className = "body";
  const head = document.createElement("h2");
  head.textContent = title;
  body.append(head);
  fill(body);
  const close = () => box.close();
  if (!lasting) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Close";
    button.addEventListener("click", close);
    body.append(button);
  } else box.addEventListener("cancel", (e) => e.preventDefault());
  box.append(body);
  box.addEventListener("close", () => {
    box.remove();
    done();
  });
  document.body.append(box);
  box.showModal();
  return close;
}

/** Asks for the password again over the page, since the login has lapsed; then calls done. */
export function loginDialog(account, done) {
  const close = dialog("Log in again", (body) => {
    const form = document.createElement("form");
    form.className = "stack";
    const fault = document.createElement("p");
    fault.setAttribute("role", "alert");
    const user = field("Account", "account", "text", "username");
    user.input.value = account;
    const password = field("Password", "password", "password", "current-password");
    const button = document.createElement("button");
    button.className = "go";
    button.textContent = "Log in";
    form.append(fault, user.label, password.label, button);
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const sent = await fetch("/login", { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });
      if (sent.ok) {
        close();
        return done();
      }
      fault.textContent = (await sent.json()).error.message;
      password.input.focus();
    });
    body.append(form);
  }, { lasting: true });
}

function field(text, name, type, complete) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  Object.assign(input, { name, type, autocomplete: complete, required: true, maxLength: 256 });
  label.append(text, input);
  return { label, input };
}

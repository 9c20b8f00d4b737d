// What every page has, before a login too.

// Colours: as chosen, else as the machine has them. The choice is kept for the next page.
export function theme() {
  const root = document.documentElement;
  const form = document.querySelector("form.theme");
  const set = (dark) => {
    root.dataset.theme = dark ? "dark" : "light";
    document.cookie = `tandem-theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=strict` + (location.protocol === "https:" ? "; secure" : "");
    const button = form.querySelector("button");
    button.value = dark ? "0" : "1";
    button.setAttribute("aria-label", `Use ${dark ? "light" : "dark"} colours`);
  };
  if (!document.cookie.includes("tandem-theme=")) set(matchMedia("(prefers-color-scheme: dark)").matches);
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    set(root.dataset.theme !== "dark");
  });
}

// A password can be looked at.
export function secrets() {
  for (const input of document.querySelectorAll("input[type=password]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show";
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-label", "Show password");
    button.addEventListener("click", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
    });
    input.after(button);
  }
}

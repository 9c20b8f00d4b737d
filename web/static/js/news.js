// What has come since a page was made that stays as it is: a button tells it and shows it.
const every = 15000; // ms between two questions

export function news() {
  const place = document.getElementById("news");
  if (!place) return;
  const link = place.querySelector("a");
  const ask = async () => {
    if (document.visibilityState === "hidden") return;
    try {
      const got = await fetch(place.dataset.from, { headers: { Accept: "application/json" } });
      if (got.status === 400 || got.status === 401) return clearInterval(asking); // the period is over, or the login is: no answer will be another
      const told = await got.json();
      if (!got.ok || !told.calls) return;
      link.textContent = told.text;
      link.hidden = false;
    } catch {
      // the next question is as good
    }
  };
  const asking = setInterval(ask, every);
  ask();
}

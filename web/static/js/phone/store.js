// What the phone keeps in the browser, for each account. A browser that keeps nothing has an empty phone.

/** Reads what is kept under a name; without it, or with something that is no JSON, the other value. */
export function read(storage, name, otherwise) {
  try {
    return JSON.parse(storage.getItem("tandem-phone-" + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps a value; undefined forgets it. */
export function write(storage, name, value) {
  try {
    if (value === undefined) storage.removeItem("tandem-phone-" + name);
    else storage.setItem("tandem-phone-" + name, JSON.stringify(value));
  } catch {
    // The browser keeps nothing, or no more.
  }
}

/** The part of an address that people say: 1000 of sip:1000@tandem.local. */
export function short(address) {
  const bare = String(address || "").replace(/^sips?:/i, "").split(";")[0];
  const at = bare.indexOf("@");
  return at > 0 ? bare.slice(0, at) : bare;
}

let home = ""; // the domain of the account, which numbers without one are in

/** Says whose addresses need no domain. */
export function settle(account) {
  home = account.split("@")[1] || "";
}

/** An address in the form in which two of them can be compared. */
export function plain(address) {
  const bare = String(address || "").replace(/^sips?:/i, "").split(";")[0].toLowerCase();
  return bare && home && !bare.includes("@") ? `${bare}@${home.toLowerCase()}` : bare;
}

"use strict";
// require, as Node defines it for CommonJS, as far as JsSIP needs it: relative paths, packages with a
// main file, JSON. Files are fetched synchronously, because require returns what it has loaded.
const require = (() => {
  const loaded = {};

  function fetched(path) {
    const request = new XMLHttpRequest();
    request.open("GET", path, false);
    request.send();
    return request.status === 200 ? request.responseText : null;
  }

  // main is where a package begins; it may have a file of its own for browsers.
  function main(name) {
    const about = JSON.parse(fetched(`/node_modules/${name}/package.json`));
    const file = typeof about.browser === "string" ? about.browser : about.main;
    return new URL(file, `${location.origin}/node_modules/${name}/`).pathname;
  }

  function load(path) {
    const bare = path.replace(/\/$/, "");
    const candidates = /\.js(on)?$/.test(bare) ? [bare] : [`${bare}.js`, `${bare}/index.js`];
    for (const candidate of candidates) {
      if (candidate in loaded) return loaded[candidate].exports;
      const text = fetched(candidate);
      if (text === null) continue;
      const module = (loaded[candidate] = { exports: {} });
      if (candidate.endsWith(".json")) {
        module.exports = JSON.parse(text);
      } else {
        const run = new Function("require", "module", "exports", `${text}\n//# sourceURL=${candidate}`);
        run(requireFrom(candidate), module, module.exports);
      }
      return module.exports;
    }
    throw new Error(`there is no ${path}`);
  }

  function requireFrom(file) {
    return (name) => load(name.startsWith(".") ? new URL(name, location.origin + file).pathname : main(name));
  }

  return requireFrom("/");
})();

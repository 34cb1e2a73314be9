// What a report does beyond being read: search, keys, dark mode, and waiting with what is far away.
// All of it is there without this script, but for the chunks of very large reports, which then stand there at once.
"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const each = (selector, from = document) => [...from.querySelectorAll(selector)];
  const store = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* There is none for this page. */ } },
  };

  root.classList.add("has-script");
  each("[data-for-script]").forEach((part) => { part.hidden = false; });

  // Chunks.  With a script the parser takes what is in noscript for mere text, which costs next to nothing; it is made
  // into elements when somebody comes near.
  const chunks = each(".chunk.waits");
  const waiting = (chunk) => chunk.classList.contains("waits");
  let openAll = false;

  function wake(chunk) {
    if (!waiting(chunk)) return;
    const source = chunk.querySelector("noscript");
    chunk.classList.remove("waits");
    chunk.innerHTML = source.textContent;
    if (openAll) each("details", chunk).forEach((part) => { part.open = true; });
    sift(chunk);
  }

  if (chunks.length) {
    const near = new IntersectionObserver((seen) => {
      seen.filter((one) => one.isIntersecting).forEach((one) => { near.unobserve(one.target); wake(one.target); });
    }, { rootMargin: "1200px 0px" });
    chunks.forEach((chunk) => near.observe(chunk));
  }

  // Places.
  function find(id) {
    if (!id) return null;
    if (!byId(id)) {
      const chunk = chunks.find((one) => waiting(one) && one.querySelector("noscript").textContent.includes(` id="${id}"`));
      if (chunk) wake(chunk);
    }
    return byId(id);
  }

  function open(place) {
    for (let part = place; part; part = part.parentElement) if (part.localName === "details") part.open = true;
  }

  // As people write an address by hand: #turn-3, #memory-2, #exchange-5 of the first that is shown.
  const kinds = { turn: "t", memory: "m", exchange: "x" };
  const spelled = (id) => id.replace(/^(turn|memory|exchange)-(\d+)$/, (_, kind, number) => `a1-${kinds[kind]}${number}`);

  function go(id) {
    const place = find(spelled(id));
    if (!place) return;
    open(place);
    place.scrollIntoView({ block: "start" });
    if (place.classList.contains("item")) focusOn(place);
  }

  const named = () => location.hash.slice(1);
  addEventListener("hashchange", () => go(named()));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    // A place in a chunk that waits is not there yet for the browser to go to.
    if (link && link.hash === location.hash) go(named());
    const strip = event.target.closest(".strip svg[data-steps]");
    if (strip) {
      const box = strip.getBoundingClientRect();
      const steps = strip.dataset.steps.split(" ");
      const place = Math.floor(((event.clientX - box.left) / box.width) * steps.length);
      location.hash = strip.dataset.at + steps[Math.min(Math.max(place, 0), steps.length - 1)];
    }
  });

  // Search.
  const field = byId("search"), count = byId("count");
  const index = new Map(), unknown = each(".chunk");
  let words = [];

  const text = (item) => item.textContent.toLowerCase();
  const items = (from) => each(".item", from).filter((item) => !item.parentElement?.closest(".item"));

  // The text of what waits is taken out of it as it is written: making elements of all of it would take seconds.
  const letters = { lt: "<", gt: ">", amp: "&", "#34": '"', "#39": "'" };
  const plain = (written) => written.replace(/<[^>]*>/g, "").replace(/&(lt|gt|amp|#34|#39);/g, (_, name) => letters[name]);
  const told = (chunk) => chunk.querySelector("noscript").textContent.split('<li class="item ').slice(1)
    .map((item) => plain(item.slice(item.indexOf(">") + 1)).toLowerCase());

  function learn(chunk) {
    index.set(chunk, waiting(chunk) ? told(chunk) : items(chunk).map(text));
  }

  const fits = (said) => words.every((word) => said.includes(word));

  function sift(chunk) {
    const all = items(chunk);
    const said = index.get(chunk);
    all.forEach((item, place) => { item.hidden = words.length > 0 && !!said && !fits(said[place]); });
  }

  // What is found is painted over, not changed; more than a screen or two of it nobody looks at.
  function paint() {
    if (!window.Highlight) return;
    const hits = new Highlight();
    for (const item of words.length ? each(".item:not([hidden])") : []) {
      const texts = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
      while (hits.size < 2000 && texts.nextNode()) {
        const said = texts.currentNode.data.toLowerCase();
        for (const word of words) {
          for (let at = said.indexOf(word); at >= 0; at = said.indexOf(word, at + word.length)) {
            // Some letters have more in lower case.
            if (said.length !== texts.currentNode.data.length) break;
            hits.add(new StaticRange({ startContainer: texts.currentNode, startOffset: at, endContainer: texts.currentNode, endOffset: at + word.length }));
          }
        }
      }
    }
    CSS.highlights.set("hit", hits);
  }

  function search() {
    words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length) unknown.splice(0).forEach(learn);
    let found = 0, whole = 0;
    for (const [chunk, said] of index) {
      const fit = said.filter(fits).length;
      found += fit;
      whole += said.length;
      chunk.hidden = words.length > 0 && fit === 0;
      if (!waiting(chunk)) sift(chunk);
    }
    paint();
    count.textContent = words.length ? `${found.toLocaleString("en")} of ${whole.toLocaleString("en")}` : "";
  }

  let soon = 0;
  field.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(search, 120); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { field.value = ""; search(); field.blur(); }
    if (event.key === "Enter") { clearTimeout(soon); search(); step(1, true); }
  });

  // Keys.
  let current = null;

  function focusOn(item) {
    current = item;
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
  }

  function neighbour(way) {
    const parts = each(".chunk:not([hidden])");
    let part = current ? current.closest(".chunk") : null;
    let place = part ? items(part).indexOf(current) : -1;
    let at = part ? parts.indexOf(part) : way > 0 ? 0 : parts.length - 1;
    if (at < 0) at = 0;
    for (let first = !part; at >= 0 && at < parts.length; at += way, first = true) {
      wake(parts[at]);
      const all = items(parts[at]);
      for (let n = first ? (way > 0 ? 0 : all.length - 1) : place + way; n >= 0 && n < all.length; n += way)
        if (!all[n].hidden && all[n].offsetParent) return all[n];
    }
    return null;
  }

  function step(way, afresh = false) {
    if (afresh) current = null;
    const next = neighbour(way);
    if (!next) return;
    focusOn(next);
    next.scrollIntoView({ block: "nearest" });
    // The bar on top may be in the way.
    const over = (document.querySelector(".top").getBoundingClientRect().bottom || 0) + 12 - next.getBoundingClientRect().top;
    if (over > 0) scrollBy(0, -over);
  }

  function toggle() {
    const part = current && (current.matches("details") ? current : current.querySelector("details"));
    if (part) part.open = !part.open;
  }

  function toggleAll() {
    openAll = !openAll;
    each("main details").forEach((part) => { part.open = openAll; });
  }

  // Copying: a turn with all of its system prompt, wherever that stands; an exchange with its bodies.
  // What ends with an empty line has one more on the page, so that it is seen.
  const lines = (from) => each(".words", from).map((part) => part.textContent.replace(/\n$/, "")).join("\n");

  function written(item) {
    const turn = item.querySelector(".turn");
    if (!turn) return each(".event, .asked, pre, .head .words, p", item).map((part) => part.textContent.trim()).join("\n");
    const prompt = turn.dataset.prompt && find(turn.dataset.prompt).querySelector(".prompt");
    const said = each(".said > dt", turn).map((who) => {
      const name = who.nextElementSibling.querySelector(".tool")?.textContent;
      return `${who.textContent}:${name ? ` ${name}` : ""}\n${lines(who.nextElementSibling)}`;
    });
    const facts = turn.querySelector("h4").textContent + ", " + turn.querySelector(".facts span").textContent;
    return [facts, ...(prompt ? [`system:\n${lines(prompt)}`] : []), ...said].join("\n\n");
  }

  async function put(text) {
    try { await navigator.clipboard.writeText(text); } catch {
      // Where pages may not write there, the browser's own command still does.
      const field = document.body.appendChild(document.createElement("textarea"));
      field.className = "visually-hidden";
      field.value = text;
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  }

  async function copy(item) {
    if (!item) return;
    await put(written(item));
    const button = item.querySelector(".copy");
    byId("said").textContent = "copied";
    if (button) button.textContent = "copied";
    setTimeout(() => { byId("said").textContent = ""; if (button) button.textContent = "copy"; }, 1500);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) copy(button.closest(".item"));
  });

  function theme() {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    store.set("fakememtrace-theme", root.dataset.theme);
  }

  const jump = (kind) => {
    const here = current ? current.closest(".part") : null;
    const place = (here || document).querySelector(`[data-place="${kind}"]`);
    if (place) { location.hash = place.id; go(place.id); }
  };
  const keys = {
    j: () => step(1), k: () => step(-1), o: toggle, Enter: toggle, e: toggleAll, t: theme, c: () => copy(current),
    "/": () => { field.focus(); field.select(); },
    "?": () => byId("keys").showModal(),
    m: () => jump("memories"), l: () => jump("timeline"),
  };
  document.addEventListener("keydown", (event) => {
    const inside = event.target.closest?.("input, textarea, select, dialog, button, a, summary");
    if (event.ctrlKey || event.metaKey || event.altKey || (inside && (event.key === "Enter" || !inside.matches("a, summary, button")))) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  document.addEventListener("focusin", (event) => { current = event.target.closest(".item") || current; });

  byId("help").addEventListener("click", keys["?"]);
  byId("theme").addEventListener("click", theme);
  byId("close-keys").addEventListener("click", () => byId("keys").close());
  const remembered = store.get("fakememtrace-theme");
  if (remembered === "dark" || remembered === "light") root.dataset.theme = remembered;

  // Paper has no details that could be opened, and nothing far away; bodies that nobody opened would be most of it.
  addEventListener("beforeprint", () => { openAll = true; chunks.forEach(wake); each("main details:not(.bodies)").forEach((part) => { part.open = true; }); });

  // A world that goes on: look again every few seconds for as long as that is wanted.
  const again = byId("again");
  if (again) {
    again.checked = store.get("fakememtrace-again") === "yes";
    again.addEventListener("change", () => store.set("fakememtrace-again", again.checked ? "yes" : "no"));
    setInterval(() => { if (again.checked && !field.value && !document.hidden) location.reload(); }, 3000);
  }

  go(named());
})();

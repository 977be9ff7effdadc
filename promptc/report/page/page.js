"use strict";
(() => {
  const root = document.documentElement;
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const cases = all("main > article");
  const links = new Map(all("nav a").map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  const search = one("#search"), spec = one("#spec"), help = one("#help"), chips = all(".chip");
  root.classList.add("script");

  // What each case says, read once and only when somebody searches.
  const texts = new Map();
  const textOf = (article) => {
    if (!texts.has(article)) texts.set(article, article.textContent.toLowerCase());
    return texts.get(article);
  };

  const filter = () => {
    const words = chips.filter((chip) => chip.ariaPressed === "true").map((chip) => chip.dataset.word);
    const sought = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const article of cases) {
      const has = article.dataset.words.split("|");
      const shown =
        (!words.length || words.some((word) => has.includes(word))) &&
        (!spec.value || article.dataset.spec === spec.value) &&
        sought.every((word) => textOf(article).includes(word));
      article.hidden = !shown;
      const link = links.get(article.id);
      if (link) link.parentElement.hidden = !shown;
      count += shown;
    }
    for (const section of all("nav section")) section.hidden = !one("li:not([hidden])", section);
    one("#count").textContent = `${count} of ${cases.length} case${cases.length === 1 ? "" : "s"}`;
    one("#none").hidden = count > 0;
  };

  const setMode = (pair, mode) => {
    if (!one(`.modes [data-mode="${mode}"]`, pair)) return;
    pair.dataset.mode = mode;
    for (const button of all(".modes button", pair)) button.ariaPressed = String(button.dataset.mode === mode);
    measure(pair);
  };
  const measure = (pair) => {
    const captions = all("figcaption", pair).map((caption) => caption.offsetHeight);
    pair.style.setProperty("--caption", `${Math.max(...captions)}px`);
  };
  const move = (range) => {
    range.closest(".pair").style.setProperty("--at", `${range.value}%`);
    range.setAttribute("aria-valuetext", `${range.value} %`);
  };

  const visible = () => cases.filter((article) => !article.hidden);
  const current = () => {
    const focused = document.activeElement?.closest("article");
    if (focused) return focused;
    const edge = parseFloat(getComputedStyle(root).scrollPaddingTop) + 8;
    return visible().find((article) => article.getBoundingClientRect().bottom > edge);
  };
  const go = (by) => {
    const list = visible();
    if (!list.length) return;
    const focused = document.activeElement?.closest("article");
    const from = focused ? list.indexOf(focused) : -1;
    const next = from < 0 ? list.indexOf(current()) : from + by;
    const article = list[Math.min(Math.max(next, 0), list.length - 1)];
    article.focus({ preventScroll: true, focusVisible: true });
    article.scrollIntoView({ block: "start" });
    for (const link of links.values()) link.classList.toggle("here", link === links.get(article.id));
    links.get(article.id)?.scrollIntoView({ block: "nearest" });
  };
  const toggle = (mode) => {
    const pairs = all(".pair[data-mode]", current() ?? document.body);
    const off = pairs.length && pairs.every((pair) => pair.dataset.mode === mode);
    for (const pair of pairs) setMode(pair, off ? "side" : mode);
  };
  const clear = () => {
    if (search) {
      search.value = "";
      spec.value = "";
      for (const chip of chips) chip.ariaPressed = "false";
      filter();
    }
  };
  const escape = (target) => {
    if (target === search) {
      search.value = "";
      filter();
      search.blur();
      return;
    }
    for (const pair of all('.pair[data-mode]:not([data-mode="side"])')) setMode(pair, "side");
  };

  const keys = {
    j: () => go(1),
    k: () => go(-1),
    "/": () => search?.focus(),
    "?": () => help.showModal(),
    s: () => toggle("slider"),
    o: () => toggle("overlay"),
    d: () => toggle("difference"),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.key === "Escape") return escape(event.target);
    if (event.target.matches('input[type="search"], select, textarea')) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches(".chip")) {
      button.ariaPressed = String(button.ariaPressed !== "true");
      filter();
    } else if (button.matches(".modes button")) setMode(button.closest(".pair"), button.dataset.mode);
    else if (button.id === "keys") help.showModal();
    else if (button.id === "all") clear();
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches(".line")) move(event.target);
    else if (event.target === search || event.target === spec) filter();
  });
  // The bar takes more than one line where there are many states: what is jumped to stands below it.
  const fit = () => {
    const bar = one("#bar");
    const height = bar && getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
    root.style.setProperty("--bar", `${height}px`);
  };
  fit();
  addEventListener("resize", fit);
  addEventListener("resize", () => all('.pair[data-mode]:not([data-mode="side"])').forEach(measure));
  if (matchMedia("(max-width: 62rem)").matches) one("#index")?.removeAttribute("open");
  // Reloading keeps what was typed; the cases follow it.
  if (search?.value || spec?.value) filter();
})();

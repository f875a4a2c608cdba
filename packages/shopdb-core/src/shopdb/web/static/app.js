// What pages do with scripts and do without, too: menus, rows, ticks, drafts, times, copying.
(() => {
  const on = (type, selector, run, options) =>
    document.addEventListener(type, (event) => {
      const found = event.target.closest?.(selector);
      if (found) run(found, event);
    }, options);

  // Navigation on narrow screens.
  const setNavigation = (open) => {
    document.body.classList.toggle("nav-open", open);
    document.querySelector("[data-nav-toggle]")?.setAttribute("aria-expanded", String(open));
    if (open) document.querySelector("#sidebar a")?.focus();
  };
  on("click", "[data-nav-toggle]", () => setNavigation(!document.body.classList.contains("nav-open")));
  on("click", "[data-nav-close]", () => setNavigation(false));

  // Its groups stay as they were left, in this browser; the click comes before what it does.
  on("click", ".nav-group > summary", (summary) => {
    summary.parentElement.toggleAttribute("data-folded", summary.parentElement.open);
    const folded = [...document.querySelectorAll(".nav-group[data-folded]")].map((group) => group.dataset.group);
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `shopdb_nav=${folded.join(".") || "-"}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  });

  // Menus: one open at a time, Escape closes, those in scrolling tables are placed by the window.
  const closeMenus = (except) =>
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(except)) menu.open = false;
    });
  document.addEventListener("click", (event) => closeMenus(event.target));
  const place = (menu) => {
    const panel = menu.querySelector(".menu-panel");
    const at = menu.getBoundingClientRect();
    panel.classList.add("is-placed");
    const size = panel.getBoundingClientRect();
    const below = at.bottom + 4 + size.height < innerHeight;
    panel.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - size.height - 4)}px`;
    panel.style.left = `${Math.max(8, Math.min(at.right - size.width, innerWidth - size.width - 8))}px`;
    panel.style.right = "auto";
  };
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.menu[data-place][open]")) place(event.target);
  }, true);
  addEventListener("scroll", () => document.querySelectorAll("details.menu[data-place][open]").forEach((m) => { m.open = false; }), true);

  // Keys: "/" goes to the search box, Escape leaves.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const box = document.querySelector("#search");
      if (box) {
        event.preventDefault();
        box.focus();
        box.select();
      }
    }
    if (event.key === "Escape") {
      const menu = event.target.closest?.("details.menu[open]");
      closeMenus();
      menu?.querySelector("summary")?.focus();
      if (document.body.classList.contains("nav-open")) {
        setNavigation(false);
        document.querySelector("[data-nav-toggle]")?.focus();
      } else if (event.target.id === "search") event.target.blur();
    }
  });

  // Suggestions of the search box: arrows choose, Enter opens, Escape closes.
  const box = document.querySelector("#search[data-suggest]");
  const list = document.querySelector("#suggestions");
  if (box && list) {
    let timer, asked = 0;
    const options = () => [...list.querySelectorAll("[role=option]")];
    const choose = (option) => {
      options().forEach((each) => each.setAttribute("aria-selected", String(each === option)));
      if (option) box.setAttribute("aria-activedescendant", option.id);
      else box.removeAttribute("aria-activedescendant");
    };
    const show = (open) => {
      list.hidden = !open;
      box.setAttribute("aria-expanded", String(open));
      if (!open) choose(null);
    };
    const ask = async () => {
      const text = box.value.trim(), mine = ++asked;
      if (text.length < 2) return show(false);
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
      if (mine !== asked || !answer?.ok) return;
      list.innerHTML = await answer.text();
      show(options().length > 0 && document.activeElement === box);
    };
    box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 200); });
    box.addEventListener("keydown", (event) => {
      const all = options(), at = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
      if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
        event.preventDefault();
        choose(all[(at + (event.key === "ArrowDown" ? 1 : all.length + (at < 0 ? 0 : -1))) % all.length]);
      } else if (event.key === "Enter" && at >= 0 && !list.hidden) {
        event.preventDefault();
        all[at].click();
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        show(false);
      }
    });
    document.addEventListener("focusin", (event) => { if (event.target !== box && !list.contains(event.target)) show(false); });
    document.addEventListener("click", (event) => { if (!event.target.closest(".search")) show(false); });
  }

  // Rows open on click; links, boxes and menus in them do their own.
  on("click", "tr[data-href]", (row, event) => {
    if (event.target.closest("a, button, input, label, summary, details") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  });

  on("click", "[data-dismiss]", (button) => button.closest("[data-flash]").remove());
  on("click", "[data-go-back]", () => history.back());
  on("submit", "form[data-once]", (form) => {
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });

  on("click", "[data-copy]", async (button) => {
    const label = button.querySelector("span");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      label.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.parentElement.querySelector("code"));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      label.textContent = "Press Ctrl+C";
    }
    setTimeout(() => { label.textContent = "Copy"; }, 2500);
  });

  on("click", "[data-show-password]", (button) => {
    const input = document.getElementById(button.dataset.showPassword);
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });

  // Appearance changes at once; the server only remembers it.
  on("submit", "form[data-theme-form]", (form, event) => {
    event.preventDefault();
    const chosen = event.submitter.value;
    window.shopdbTheme(chosen);
    form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button.value === chosen)));
    const body = new FormData(form);
    body.set("theme", chosen);
    fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    document.dispatchEvent(new Event("shopdb:theme"));
  });

  // Times in the reader's own zone, with the age kept fresh.
  const full = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  const STEPS = [[60, 1, "s"], [3600, 60, "min"], [86400, 3600, "h"], [5184000, 86400, "d"], [63072000, 2592000, "months"], [Infinity, 31536000, "years"]];
  const ageOf = (then) => {
    const seconds = (Date.now() - then) / 1000;
    const span = Math.abs(seconds);
    if (span < 5) return "just now";
    const [, unit, name] = STEPS.find(([below]) => span < below);
    const text = `${Math.floor(span / unit)} ${name}`;
    return seconds > 0 ? `${text} ago` : `in ${text}`;
  };
  const drawTimes = (root) => root.querySelectorAll("time[data-moment]").forEach((time) => {
    const at = new Date(time.dateTime);
    if (time.dataset.moment === "short") {
      time.title = full.format(at);
      time.textContent = ageOf(at);
      return;
    }
    const age = time.querySelector("[data-age]") ?? document.createElement("span");
    age.textContent = ageOf(at);
    time.replaceChildren(`${full.format(at)} `, age);
  });

  // Moments in forms: shown and typed in local time, sent with their zone.
  const localText = (at) => new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  const localMoments = (root) => root.querySelectorAll("input[data-datetime]").forEach((input) => {
    const sent = document.createElement("input");
    sent.type = "hidden";
    sent.name = input.name;
    sent.value = input.value;
    const at = input.value ? new Date(input.value) : null;
    if (at && isNaN(at)) return;
    input.removeAttribute("name");
    input.type = "datetime-local";
    input.value = at ? localText(at) : "";
    input.after(sent);
    input.addEventListener("input", () => { sent.value = input.value ? new Date(input.value).toISOString() : ""; });
  });

  // Drafts: what is typed survives a lost session, a crash, a wrong click.
  const keyOf = (form) => `shopdb-draft:${form.dataset.draft}`;
  const store = {
    get: (key) => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } },
    set: (key, value) => { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } },
    drop: (key) => { try { sessionStorage.removeItem(key); } catch { /* forbidden */ } },
  };
  const typed = (form) => [...form.elements]
    .filter((e) => e.name && !["csrf_token", "back", "_present"].includes(e.name) && !e.matches("[data-no-draft], button, [type=file], [type=password]"))
    .map((e) => [e.name, e.type === "checkbox" || e.type === "radio" ? [e.value, e.checked] : e.value]);
  const restore = (form, kept) => {
    const places = {};
    for (const [name, value] of kept) {
      const inputs = [...form.elements].filter((e) => e.name === name);
      if (Array.isArray(value)) {
        const box = inputs.find((e) => e.value === value[0]);
        if (box) box.checked = value[1];
        continue;
      }
      places[name] = (places[name] ?? -1) + 1;
      const input = inputs[places[name]];
      if (!input) continue;
      input.value = value;
      input.dispatchEvent(new Event("shopdb:restored"));
      input.closest("details")?.setAttribute("open", "");
    }
  };
  const prepareDraft = (form) => {
    const key = keyOf(form);
    const kept = store.get(key);
    const untouched = typed(form);
    const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
    if (kept && !("draftFresh" in form.dataset) && !same(kept, untouched)) {
      restore(form, kept);
      const notice = document.querySelector("[data-draft-notice]");
      if (notice) notice.hidden = false;
    }
    let waiting;
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => (same(typed(form), untouched) ? store.drop(key) : store.set(key, typed(form))), 150);
    });
    form.addEventListener("submit", () => store.set(key, typed(form)));
  };
  on("click", "[data-draft-discard]", () => {
    document.querySelectorAll("form[data-draft]").forEach((form) => store.drop(keyOf(form)));
    location.reload();
  });
  on("click", "[data-draft-drop]", () => document.querySelectorAll("form[data-draft]").forEach((form) => store.drop(keyOf(form))));

  const prepare = (root) => {
    drawTimes(root);
    localMoments(root);
  };
  const start = () => {
    document.querySelectorAll("[data-draft-done]").forEach((done) => store.drop(`shopdb-draft:${done.dataset.draftDone}`));
    prepare(document);
    document.querySelectorAll("form[data-draft]").forEach(prepareDraft);
    document.querySelectorAll("[data-show-password], [data-go-back]").forEach((button) => { button.hidden = false; });
    document.querySelector("[aria-invalid=true]")?.focus();
    document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    setInterval(() => drawTimes(document), 30000);
  };
  document.addEventListener("htmx:after:swap", () => {
    drawTimes(document);
    const total = document.querySelector("#list [data-total]");
    const shown = document.querySelector("#total");
    if (total && shown) shown.textContent = total.dataset.total;
    document.dispatchEvent(new Event("shopdb:ticked"));
  });
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-tick-all]");
    if (all) document.querySelectorAll('input[name="item"]').forEach((box) => { box.checked = all.checked; });
    if (all || event.target.name === "item") document.dispatchEvent(new Event("shopdb:ticked"));
  });
  start();
})();

// Widgets with a state of their own: the bulk bar (Alpine), and the search box of a reference field.
document.addEventListener("alpine:init", () => {
  window.Alpine.data("bulk", () => ({
    count: 0,
    get text() {
      return this.count === 1 ? "1 selected" : `${this.count} selected`;
    },
    init() {
      this.read = () => { this.count = document.querySelectorAll('input[name="item"]:checked').length; };
      document.addEventListener("shopdb:ticked", this.read);
      this.read();
    },
    destroy() {
      document.removeEventListener("shopdb:ticked", this.read);
    },
    clear() {
      document.querySelectorAll('input[name="item"], [data-tick-all]').forEach((box) => { box.checked = false; });
      this.read();
    },
  }));
});

(() => {
  // Turns <select> into a box that searches on the server. The select stays and is what is sent.
  let made = 0;
  const prepare = (wrap) => {
    const select = wrap.querySelector("select");
    const input = document.createElement("input");
    const list = document.createElement("ul");
    const id = `combo-${++made}`;
    const empty = select.querySelector('option[value=""]')?.textContent ?? "";
    const fixed = [...select.options].filter((option) => !/^\d+$/.test(option.value)).map((option) => ({ id: option.value, name: option.textContent }));
    input.className = select.className.replace("form-select", "form-select combo-input");
    input.id = select.id;
    input.type = "text";
    input.autocomplete = "off";
    input.placeholder = empty;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", id);
    input.setAttribute("aria-autocomplete", "list");
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    }
    list.id = id;
    list.className = "combo-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", document.querySelector(`label[for="${select.id}"]`)?.firstChild.textContent.trim() ?? "");
    list.hidden = true;
    select.removeAttribute("id");
    select.hidden = true;
    select.tabIndex = -1;
    wrap.append(input, list);

    let items = [];
    let active = -1;
    let asked = 0;
    let waiting;
    const shown = () => { input.value = select.value ? select.selectedOptions[0]?.textContent ?? "" : ""; };
    const mark = (index) => {
      active = index;
      [...list.querySelectorAll("[role=option]")].forEach((option, at) => {
        option.setAttribute("aria-selected", String(at === index));
        if (at === index) {
          option.scrollIntoView({ block: "nearest" });
          input.setAttribute("aria-activedescendant", option.id);
        }
      });
      if (index < 0) input.removeAttribute("aria-activedescendant");
    };
    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      active = -1;
    };
    const note = (text) => {
      const line = document.createElement("li");
      line.className = "combo-note";
      line.setAttribute("role", "presentation");
      line.textContent = text;
      return line;
    };
    const draw = (found, more) => {
      items = found;
      list.replaceChildren(...found.map((item, at) => {
        const option = document.createElement("li");
        option.id = `${id}-${at}`;
        option.setAttribute("role", "option");
        option.textContent = item.name;
        return option;
      }));
      if (!found.length) list.append(note("None found"));
      if (more) list.append(note("Type to find others"));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(found.findIndex((item) => String(item.id) === select.value && select.value !== ""));
    };
    const ask = async (text) => {
      const mine = ++asked;
      try {
        const answer = await fetch(`${wrap.dataset.choices}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
        const body = await answer.json();
        if (mine !== asked || document.activeElement !== input) return;
        draw([...(text ? [] : fixed), ...body.items], body.more);
      } catch {
        if (mine === asked) draw([...select.options].map((option) => ({ id: option.value, name: option.textContent })), false);
      }
    };
    const choose = (item) => {
      if (![...select.options].some((option) => option.value === String(item.id))) {
        select.add(new Option(item.name, item.id));
      }
      select.value = String(item.id);
      shown();
      close();
      select.dispatchEvent(new Event("input", { bubbles: true }));
      select.dispatchEvent(new Event("change", { bubbles: true }));
    };
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => { if (list.hidden) ask(""); });
    input.addEventListener("input", (event) => {
      event.stopPropagation();
      clearTimeout(waiting);
      waiting = setTimeout(() => ask(input.value.trim()), 150);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) ask("");
        else if (items.length) mark((active + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length);
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        if (items[active]) choose(items[active]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        close();
        shown();
      }
    });
    input.addEventListener("blur", () => {
      clearTimeout(waiting);
      asked++;
      close();
      if (input.value.trim() === "" && select.value !== "" && fixed.some((item) => item.id === "")) choose({ id: "", name: "" });
      shown();
    });
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) choose(items[[...list.querySelectorAll("[role=option]")].indexOf(option)]);
    });
    select.addEventListener("shopdb:restored", shown);
    shown();
  };
  document.querySelectorAll("[data-combo]").forEach(prepare);
})();

(() => {
  // Hides a form's fields that mean something only where another field has certain values.
  const isMeant = (field) => {
    const control = field.closest("form")?.elements[field.dataset.onlyWhen];
    if (!control) return true;
    const source = control.closest("[data-only-when]");
    return field.dataset.onlyValues.split(" ").includes(control.value) && (!source || isMeant(source));
  };
  const draw = () => document.querySelectorAll("[data-only-when]").forEach((field) => {
    field.hidden = !isMeant(field) && !field.querySelector("[aria-invalid=true]");
  });
  document.addEventListener("change", draw);
  document.addEventListener("shopdb:restored", draw, true); // it does not bubble
  draw();
})();

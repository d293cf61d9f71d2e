"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // Choose K: other numbers of problems are put away, on the screen only.
  const choose = (model, k) => {
    for (const block of all("section.at", model)) block.classList.toggle("off", k !== "" && block.dataset.k !== k);
    for (const row of all("tr[data-k]", model)) row.classList.toggle("chosen", row.dataset.k === k);
    for (const column of all(".column[data-x]", model)) column.classList.toggle("chosen", column.dataset.x === k);
  };
  all(".chooser").forEach((place, number) => {
    const ks = place.dataset.ks.split(",");
    if (ks.length < 2) return;
    const model = place.closest("article");
    const field = make("fieldset", {}, make("legend", { textContent: "Show" }));
    for (const k of ["", ...ks]) {
      const input = make("input", { type: "radio", name: `k${number}`, value: k, checked: k === "" });
      input.addEventListener("change", () => choose(model, k));
      field.append(make("label", {}, input, k === "" ? "every K" : `K = ${Number(k).toLocaleString("en")}`));
    }
    place.append(field);
  });

  // Sort a table by a column; the order of the page comes back at the third press.
  const value = (row, k) => {
    const cell = row.cells[k];
    return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
  };
  const compare = (a, b) => {
    if (typeof a === typeof b) return typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
    return typeof a === "number" ? -1 : 1;
  };
  for (const table of all("table.sortable")) {
    const body = table.tBodies[0];
    const first = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, k) => {
      const button = make("button", { type: "button" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: "" }[head.getAttribute("aria-sort")] ?? "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        if (next) head.setAttribute("aria-sort", next);
        const sign = next === "descending" ? -1 : 1;
        const rows = next ? [...first].sort((a, b) => sign * compare(value(a, k), value(b, k))) : first;
        body.append(...rows);
      });
    });
  }

  // Pick classes of equilibria by their coordination.
  for (const table of all("table")) {
    const rows = all("tr[data-kind]", table);
    const kinds = [...new Set(rows.map((row) => row.dataset.kind))];
    if (kinds.length < 2) continue;
    const select = make("select", {}, ...["all", ...kinds].map((kind) => make("option", { value: kind, textContent: kind })));
    select.addEventListener("change", () => {
      for (const row of rows) row.classList.toggle("off", select.value !== "all" && row.dataset.kind !== select.value);
    });
    table.parentElement.before(make("label", { className: "picker" }, "Coordination:", select));
  }

  // Point at a chart, or step through it with the arrow keys.
  const tip = document.getElementById("tip");
  let shown = null;
  const hide = () => {
    tip.textContent = ""; // it stays where it is, so that screen readers hear of what comes next
    shown?.classList.remove("on");
    shown = null;
  };
  const show = (mark, x, y) => {
    if (shown !== mark) {
      hide();
      shown = mark;
      mark.classList.add("on");
      tip.textContent = mark.dataset.told;
    }
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - box.width - 4))}px`;
    tip.style.top = `${y + box.height + 24 > innerHeight ? y - box.height - 10 : y + 16}px`;
  };
  for (const mark of all(".column, .mark")) {
    const title = mark.querySelector("title");
    mark.dataset.told = title.textContent;
    title.remove(); // else the browser shows it a second time
    mark.addEventListener("pointermove", (event) => show(mark, event.clientX, event.clientY));
    mark.addEventListener("pointerleave", hide);
  }
  for (const drawing of all("svg[role=img]")) {
    const marks = all(".column, .mark", drawing);
    if (!marks.length) continue;
    let at = -1;
    drawing.setAttribute("tabindex", "0");
    drawing.querySelector("desc").append(" Arrow keys step through the figures.");
    drawing.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") return hide();
      if (step === undefined) return;
      event.preventDefault();
      at = at < 0 ? (step > 0 ? 0 : marks.length - 1) : (at + step + marks.length) % marks.length;
      const box = marks[at].getBoundingClientRect();
      show(marks[at], box.left + box.width / 2, box.top + Math.min(box.height / 2, 40));
    });
    drawing.addEventListener("blur", hide);
  }
  addEventListener("scroll", hide, { passive: true });

  // The figures for other programs.
  const save = make("button", { type: "button", className: "save", textContent: "Save the figures (JSON)" });
  save.addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([document.getElementById("data").textContent], { type: "application/json" }));
    make("a", { href: address, download: "report.json" }).click();
    URL.revokeObjectURL(address);
  });
  document.getElementById("versions").append(save);

  // On paper everything is open.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });
})();

// Levels over time: any element with data-levels-url, drawn with uPlot, told as a table too.
(() => {
  const NAMED = { black: "#4b5563", cyan: "#0891b2", magenta: "#c026a3", yellow: "#b98900", red: "#c92a2a", green: "#2b8a3e", blue: "#2f56d9" };
  const SPARE = ["#2f56d9", "#c2410c", "#0f766e", "#7c3aed", "#b45309", "#be185d"];
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colourOf = (series, at) => {
    const name = String(series.color ?? "").toLowerCase();
    if (name === "black" && document.documentElement.dataset.bsTheme === "dark") return "#c3cad6";
    return NAMED[name] ?? (/^#[0-9a-f]{6}$/.test(name) ? name : SPARE[at % SPARE.length]);
  };
  const aligned = (series) => {
    const times = [...new Set(series.flatMap((each) => each.points.map(([at]) => at)))].sort((a, b) => a - b);
    const columns = series.map((each) => {
      const known = new Map(each.points);
      return times.map((at) => (known.has(at) ? known.get(at) : undefined));
    });
    return [times, ...columns];
  };
  const told = (value) => (value == null ? "unknown" : `${value} %`);
  const table = (series, data, caption) => {
    const fold = document.createElement("details");
    fold.className = "fold";
    const summary = document.createElement("summary");
    summary.textContent = "As a table";
    const box = document.createElement("div");
    box.className = "chart-table";
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", `${caption} as a table`);
    const grid = document.createElement("table");
    const head = grid.createTHead().insertRow();
    for (const text of ["Time", ...series.map((each) => each.label)]) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = text;
      head.append(cell);
    }
    const body = grid.createTBody();
    const rows = data[0].map((at, index) => [at, index]).reverse().slice(0, 200);
    for (const [at, index] of rows) {
      const row = body.insertRow();
      row.insertCell().textContent = new Date(at * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
      for (const column of data.slice(1)) row.insertCell().textContent = column[index] === undefined ? "–" : told(column[index]);
    }
    box.append(grid);
    fold.append(summary, box);
    return fold;
  };
  const draw = (place, series, data) => {
    const axis = { stroke: style("--quiet"), grid: { stroke: style("--line"), width: 1 }, ticks: { stroke: style("--line"), width: 1 }, font: "12px Inter, system-ui, sans-serif" };
    place.replaceChildren();
    return new window.uPlot({
      width: Math.max(240, place.clientWidth),
      height: 240,
      scales: { y: { range: [0, 100] } },
      axes: [axis, { ...axis, size: 52, values: (_, ticks) => ticks.map((tick) => `${tick} %`) }],
      series: [
        { label: "Time", value: (_, value) => (value == null ? "latest" : new Date(value * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })) },
        ...series.map((each, at) => ({ label: each.label, stroke: colourOf(each, at), width: 2, spanGaps: false, points: { show: data[0].length < 30, size: 5 }, value: (_, value, __, index) => told(index == null ? each.points.at(-1)[1] : value) })),
      ],
      legend: { live: true },
    }, data, place);
  };
  const show = async (place) => {
    const caption = place.dataset.title ?? "Levels over time";
    const say = (text) => {
      const line = document.createElement("p");
      line.className = "quiet";
      line.textContent = text;
      place.replaceChildren(line);
    };
    let series;
    try {
      const answer = await fetch(place.dataset.levelsUrl, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      series = (await answer.json()).series.filter((each) => each.points.length);
    } catch {
      say("The levels over time could not be loaded. Load the page again to try once more.");
      return;
    }
    if (!series.length) {
      say("No level has been read yet. Each poll adds one.");
      return;
    }
    const data = aligned(series);
    place.classList.add("level-chart");
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", caption);
    const drawing = document.createElement("div");
    drawing.setAttribute("aria-hidden", "true");
    place.replaceChildren(drawing, table(series, data, caption));
    let plot = draw(drawing, series, data);
    new ResizeObserver(() => plot.setSize({ width: Math.max(240, drawing.clientWidth), height: 240 })).observe(drawing);
    const again = () => {
      plot.destroy();
      plot = draw(drawing, series, data);
    };
    document.addEventListener("shopdb:theme", again);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  };
  document.querySelectorAll("[data-levels-url]").forEach(show);
})();

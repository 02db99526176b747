function showFigures() {
  const [before, after] = data.models;
  const pair = (title, read, note) => {
    if (read(before) === null || (after && read(after) === null)) return;
    const parts = [after ? ratio(read(before), read(after)) : "", note];
    byId("figures").append(element("div", { className: "figure" }, element("span", { textContent: title }),
      element("b", { textContent: after ? `${bytes(read(before))} → ${bytes(read(after))}` : bytes(read(before)) }),
      element("span", { className: "sub", textContent: parts.filter(Boolean).join(", ") })));
  };
  pair("Saved for the backward pass", model => model.saved_bytes, "predicted");
  pair("Peak of the step's own memory", model => model.peak_bytes, "predicted");
  pair("Peak with parameters and optimizer", model => model.peak_bytes + model.base, "predicted");
  pair("Peak of the step's own memory", model => model.measured?.peak_measured_bytes ?? null, "measured");
  const time = model => model.measured?.step_ms[0];
  if (time(before)) {
    byId("figures").append(element("div", { className: "figure" },
      element("span", { textContent: "Time of a step, median" }),
      element("b", { textContent: data.models.map(model => `${time(model).toFixed(0)} ms`).join(" → ") }),
      element("span", { className: "sub", textContent: `${before.measured.runtime}, measured` })));
  }
}

function listenToTheme() {
  const chosen = new URLSearchParams(location.hash.slice(1)).get("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
  byId("theme").addEventListener("click", () => {
    const preferred = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const isDark = (document.documentElement.dataset.theme ?? preferred) === "dark";
    document.documentElement.dataset.theme = isDark ? "light" : "dark";
  });
}

byId("subject").textContent = data.subject;
for (const note of data.notes) byId("note-list").append(element("li", { textContent: note }));
listenToTheme();
showFigures();
drawControls();
state.at = middle(data.models[0], peakOf(data.models[0]));
drawAll();
listenToChart();
drawTensorHead();
drawCurves();
let width = byId("chart").clientWidth;
new ResizeObserver(() => {
  if (byId("chart").clientWidth === width) return;
  width = byId("chart").clientWidth;
  drawChart();
  showCursor();
}).observe(byId("chart"));

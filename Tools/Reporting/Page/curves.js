function drawCurves() {
  if (!data.curves) return;
  byId("curves").hidden = false;
  for (const [title, read] of [["Loss", "loss"], ["Loss on test samples", "eval_loss"], ["Accuracy", "accuracy"]]) {
    const pointsOf = run => run.epoch.map((epoch, index) => [epoch, run[read][index]])
      .filter(point => point[1] !== null);
    const runs = data.curves.map(run => ({ name: run.run, points: pointsOf(run) }))
      .filter(run => run.points.length > 0);
    if (runs.length > 0) byId("curve-charts").append(curve(title, runs));
  }
}

function curve(title, runs) {
  const width = 560, height = 240, margin = { left: 52, right: 92, top: 12, bottom: 34 };
  const all = runs.flatMap(run => run.points);
  const [low, high] = [Math.min(...all.map(point => point[1])), Math.max(...all.map(point => point[1]))];
  const [first, last] = [Math.min(...all.map(point => point[0])), Math.max(...all.map(point => point[0]))];
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const x = epoch => margin.left + (last > first ? (epoch - first) / (last - first) : 0.5) * inner.width;
  const y = value => height - margin.bottom - (high > low ? (value - low) / (high - low) : 0.5) * inner.height;
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title} by epoch` });
  for (let tick = 0; tick <= 4; tick++) {
    const value = low + (high - low) * tick / 4;
    svg.append(drawn("line", { class: "grid", x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value) }),
      drawn(
        "text", { class: "soft", x: margin.left - 6, y: y(value) + 4, "text-anchor": "end" }, value.toPrecision(3)));
  }
  const labels = [];
  runs.forEach((run, index) => {
    const stroke = ["var(--packed)", "var(--saved)", "var(--working)", "var(--masks)"][index % 4];
    const d = run.points.map(([epoch, value], at) => `${at ? "L" : "M"}${x(epoch)},${y(value)}`).join("");
    svg.append(drawn("path", { d, fill: "none", stroke, "stroke-width": 2 }));
    for (const [epoch, value] of run.points)
      svg.append(drawn("circle", { cx: x(epoch), cy: y(value), r: 3, fill: stroke }));
    labels.push({ y: y(run.points.at(-1)[1]), text: run.name, note: String(+run.points.at(-1)[1].toPrecision(4)) });
  });
  for (const label of spread(labels, height - margin.bottom - 18)) {
    svg.append(
      drawn("text", { x: width - margin.right + 8, y: label.at }, label.text),
      drawn("text", { class: "soft", x: width - margin.right + 8, y: label.at + 14 }, label.note));
  }
  for (const epoch of new Set([first, last])) {
    svg.append(drawn(
      "text", { class: "soft", x: x(epoch), y: height - 14, "text-anchor": "middle" }, `epoch ${epoch}`));
  }
  return element("figure", { style: "margin: 0" }, element("figcaption", { textContent: title }), svg);
}

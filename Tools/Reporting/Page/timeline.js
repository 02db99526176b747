// What each model has alive at each of its steps, by category: what is there all the time, and the buffers' lives.
for (const model of data.models) {
  const steps = model.steps.length;
  model.stack = data.categories.map(category => {
    const change = new Float64Array(steps + 1);
    change[0] = model.constant[category] ?? 0;
    return change;
  });
  for (const [, category, size, first, last] of model.buffers) {
    model.stack[category][first] += size;
    model.stack[category][last + 1] -= size;
  }
  model.stack = model.stack.map(change => {
    let alive = 0;
    return Array.from(change.subarray(0, steps), difference => alive += difference);
  });
  model.base = Object.values(model.constant).reduce((sum, size) => sum + size, 0);
}

const state = { shown: data.models.length > 1 ? "both" : data.models[0].label, hidden: new Set(), at: 0 };
// Both graphs share one axis: a position is 0 to 1, and each pass of each graph is drawn as wide as the original's.
const share = data.models[0].first_backward / Math.max(1, data.models[0].steps.length);
const positionOf = (count, first, step) => step < first
  ? share * step / Math.max(1, first)
  : share + (1 - share) * (step - first) / Math.max(1, count - first);
const position = (model, step) => positionOf(model.steps.length, model.first_backward, step);
function stepAt(model, at) {
  const backward = model.steps.length - model.first_backward;
  const step = at < share
    ? Math.floor(at / share * model.first_backward)
    : model.first_backward + Math.floor((at - share) / (1 - share) * backward);
  return Math.max(0, Math.min(model.steps.length - 1, step));
}
const middle = (model, step) => (position(model, step) + position(model, step + 1)) / 2;
const shownModels = () => data.models.filter(model => state.shown === "both" || state.shown === model.label);
const sumOf = sizes => sizes.reduce((sum, size) => sum + size, 0);
const visibleTotal = (model, step) =>
  sumOf(data.categories.map((category, index) => state.hidden.has(category) ? 0 : model.stack[index][step]));
const hiddenBase = model =>
  sumOf(data.categories.map(category => state.hidden.has(category) ? model.constant[category] ?? 0 : 0));

function peakOf(model) {
  let best = 0;
  for (let step = 1; step < model.steps.length; step++) {
    if (visibleTotal(model, step) > visibleTotal(model, best)) best = step;
  }
  return best;
}

/** A step curve through (position, value), as path commands. */
function stairs(count, x, y, value) {
  let path = "";
  for (let step = 0; step < count; step++) path += `${step ? "L" : "M"}${x(step)},${y(value(step))}H${x(step + 1)}`;
  return path;
}

let plot;
function drawChart() {
  const width = Math.max(320, byId("chart").clientWidth), height = 420;
  const margin = { left: 66, right: 138, top: 14, bottom: 40 };
  const models = shownModels();
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const measuredTops = models.flatMap(model => model.measured
    ? [model.measured.peak_measured_bytes, model.measured.peak_liveness_bytes]
      .map(size => (size ?? 0) + model.base - hiddenBase(model))
    : []);
  const top = 1.04 * Math.max(1, ...models.map(model => visibleTotal(model, peakOf(model))), ...measuredTops);
  const x = at => margin.left + at * inner.width;
  const y = size => margin.top + inner.height * (1 - size / top);
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, height, "aria-hidden": "true" });
  for (const tick of niceTicks(top)) {
    svg.append(
      drawn("line", { class: "grid", x1: x(0), x2: x(1), y1: y(tick), y2: y(tick) }),
      drawn("text", { class: "soft", x: margin.left - 8, y: y(tick) + 4, "text-anchor": "end" }, bytes(tick)));
  }
  const labels = [];
  models.forEach((model, index) => drawModel(svg, model, models.length > 1 && index === 0, x, y, labels));
  svg.append(drawn("line", {
    class: "boundary", x1: x(share), x2: x(share), y1: margin.top, y2: height - margin.bottom + 22,
  }));
  for (const [name, from, to] of [["forward pass", 0, share], ["backward pass", share, 1]]) {
    if ((to - from) * inner.width <= 90) continue;
    svg.append(drawn(
      "text", { x: x((from + to) / 2), y: height - margin.bottom + 18, "text-anchor": "middle" }, name));
  }
  svg.append(drawn(
    "text", { class: "soft", x: x(0.5), y: height - 4, "text-anchor": "middle" }, "nodes in executed order"));
  for (const label of spread(labels, height - margin.bottom - 16)) {
    svg.append(
      drawn("line", { class: "level", x1: label.x, x2: x(1), y1: label.y, y2: label.y }),
      drawn("text", { x: x(1) + 8, y: label.at }, label.text),
      drawn("text", { class: "soft", x: x(1) + 8, y: label.at + 14 }, label.note));
    if (label.dot) svg.append(drawn("circle", { class: "peak", cx: label.x, cy: label.y, r: 4.5 }));
  }
  const cursor = drawn("line", { class: "cursor", y1: margin.top, y2: height - margin.bottom });
  svg.append(cursor);
  byId("chart").replaceChildren(svg);
  plot = { x, cursor, margin, inner };
}

function drawModel(svg, model, isBehind, x, y, labels) {
  const count = model.steps.length;
  const at = step => x(position(model, step));
  const below = new Array(count).fill(0);
  data.categories.forEach((category, index) => {
    if (state.hidden.has(category) || !model.stack[index].some(size => size > 0)) return;
    const floor = below.slice();
    for (let step = 0; step < count; step++) below[step] += model.stack[index][step];
    let path = stairs(count, at, y, step => below[step]);
    for (let step = count - 1; step >= 0; step--) path += `L${at(step + 1)},${y(floor[step])}H${at(step)}`;
    svg.append(drawn("path", {
      d: path + "Z", fill: colour(category), "fill-opacity": isBehind ? 0.38 : 0.95,
      "data-category": category, "data-model": model.label,
    }));
  });
  svg.append(drawn("path", {
    class: `total ${isBehind ? "before" : ""}`, d: stairs(count, at, y, step => visibleTotal(model, step)),
  }));
  const peak = peakOf(model), peakBytes = visibleTotal(model, peak);
  labels.push({
    x: x(middle(model, peak)), y: y(peakBytes), text: bytes(peakBytes), note: `peak, ${model.label}`, dot: true,
  });
  const measured = model.measured;
  if (!measured) return;
  const base = model.base - hiddenBase(model);
  const measuredAt = step => x(positionOf(measured.bytes_at.length, measured.first_backward, step));
  svg.append(drawn("path", {
    class: "measured", d: stairs(measured.bytes_at.length, measuredAt, y, step => base + measured.bytes_at[step]),
  }));
  if (measured.peak_measured_bytes === null) return;
  const top = base + measured.peak_measured_bytes;
  labels.push({ x: x(0), y: y(top), text: bytes(top), note: `measured, ${model.label}` });
}

function drawLegend() {
  const models = shownModels();
  const head = element("tr", {}, element("th", { textContent: "at the cursor", className: "sub" }),
    ...models.map(model => element("th", { className: "n", textContent: model.label })));
  const isUsed = (_, index) => data.models.some(model => model.stack[index].some(size => size > 0));
  const rows = data.categories.filter(isUsed)
    .map(category => {
      const box = element("input", { type: "checkbox", checked: !state.hidden.has(category) });
      box.addEventListener("change", () => {
        if (box.checked) state.hidden.delete(category); else state.hidden.add(category);
        drawChart();
        showCursor();
      });
      const swatch = element("span", { className: "swatch" });
      swatch.style.background = colour(category);
      const index = data.categories.indexOf(category);
      return element("tr", {}, element("th", {}, element("label", {}, box, swatch, data.category_names[category])),
        ...models.map(model => {
          const cell = element("td", { className: "n" });
          cell.show = () => { cell.textContent = bytes(model.stack[index][stepAt(model, state.at)]); };
          return cell;
        }));
    });
  const sum = element("tr", { className: "sum" }, element("th", { textContent: "together" }), ...models.map(model => {
    const cell = element("td", { className: "n" });
    cell.show = () => { cell.textContent = bytes(sumOf(model.stack.map(sizes => sizes[stepAt(model, state.at)]))); };
    return cell;
  }));
  byId("legend").replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows, sum));
}

function showCursor() {
  const at = plot.x(state.at);
  plot.cursor.setAttribute("x1", at);
  plot.cursor.setAttribute("x2", at);
  for (const cell of byId("legend").querySelectorAll("td")) cell.show();
  const places = shownModels().map(model => {
    const step = stepAt(model, state.at);
    const [node, operator] = model.steps[step];
    const isPeak = step === peakOf(model);
    return `${model.label}: ${operator} ${node} (${step + 1} of ${model.steps.length})${isPeak ? ", the peak" : ""}`;
  });
  byId("place").replaceChildren(...places.map(textContent => element("p", { className: "place", textContent })));
  const lead = shownModels().at(-1), step = stepAt(lead, state.at);
  const chart = byId("chart");
  chart.setAttribute("aria-valuemax", lead.steps.length - 1);
  chart.setAttribute("aria-valuenow", step);
  const totals = shownModels().map(model => `${model.label} ${bytes(visibleTotal(model, stepAt(model, state.at)))}`);
  chart.setAttribute("aria-valuetext", totals.join(", "));
  showTops();
}

function showTops() {
  const models = shownModels();
  byId("tops").replaceChildren(...models.map(model => {
    const step = stepAt(model, state.at);
    const alive = model.buffers.filter(([, , , first, last]) => first <= step && step <= last)
      .sort((left, right) => right[2] - left[2]);
    const rows = alive.slice(0, 10).map(([name, category, size]) => {
      const swatch = element("span", { className: "swatch" });
      swatch.style.background = colour(data.categories[category]);
      return element("tr", {}, element("td", { className: "name" }, name),
        element("td", {}, swatch, data.categories[category]),
        element("td", { className: "n", textContent: bytes(size) }));
    });
    const table = element("table", {},
      element("caption", {
        textContent: `${model.label}: ${alive.length} buffers, ${bytes(sumOf(alive.map(row => row[2])))}`,
      }),
      element("thead", {}, element("tr", {}, element("th", { textContent: "buffer" }),
        element("th", { className: "kind", textContent: "for" }),
        element("th", { className: "n", textContent: "bytes" }))),
      element("tbody", {}, ...rows));
    return element("div", { className: models.length === 1 ? "alone" : "" }, table);
  }));
}

function moveTo(at) {
  state.at = Math.max(0, Math.min(1, at));
  showCursor();
}

function listenToChart() {
  const chart = byId("chart");
  chart.addEventListener("pointermove", event => {
    const left = chart.getBoundingClientRect().left;
    moveTo((event.clientX - left - plot.margin.left) / plot.inner.width);
  });
  chart.addEventListener("keydown", event => {
    const lead = shownModels().at(-1);
    const step = stepAt(lead, state.at), far = event.shiftKey ? 10 : 1;
    const to = target => middle(lead, Math.max(0, Math.min(lead.steps.length - 1, target)));
    const peaks = shownModels().map(model => middle(model, peakOf(model))).sort((left, right) => left - right);
    const target = {
      ArrowRight: () => to(step + far), ArrowUp: () => to(step + far),
      ArrowLeft: () => to(step - far), ArrowDown: () => to(step - far),
      Home: () => 0, End: () => 1, p: () => peaks.find(peak => peak > state.at + 1e-9) ?? peaks[0],
    }[event.key];
    if (!target) return;
    event.preventDefault();
    moveTo(target());
  });
}

function drawControls() {
  const choices = data.models.length > 1 ? ["both", ...data.models.map(model => model.label)] : [];
  byId("shown").hidden = choices.length === 0;
  for (const choice of choices) {
    const radio = element("input", { type: "radio", name: "shown", value: choice, checked: choice === state.shown });
    radio.addEventListener("change", () => {
      state.shown = choice;
      drawAll();
    });
    byId("shown").append(element("label", {}, radio, ` ${choice}`));
  }
  for (const model of data.models) {
    const jump = element("button", { type: "button", textContent: `Peak ${model.label}` });
    jump.addEventListener("click", () => {
      if (state.shown !== "both") byId("shown").querySelector(`[value="${model.label}"]`)?.click();
      moveTo(middle(model, peakOf(model)));
    });
    byId("jumps").append(jump, " ");
  }
}

function drawAll() {
  drawChart();
  drawLegend();
  showCursor();
}

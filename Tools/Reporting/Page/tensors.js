const columns = [
  ["tensor", row => row.name, "200px"], ["shape", row => row.shape?.join("×") ?? "?", "110px"],
  ["class", row => row.class, "58px"],
  ["before", row => row.bytes, "80px", bytes], ["after", row => row.stored_bytes, "76px", bytes],
  ["bits", row => row.bits, "52px", bits => bits === null ? "–" : bits.toFixed(2)],
  ["kept", row => row.decision, "80px"], ["reason", row => row.reason, "170px"],
  ["producer", row => row.producer, "150px"], ["readers", row => row.consumers.join(", "), ""],
];
const order = { column: 3, descending: true };

function drawTensorHead() {
  const shown = data.models.length > 1 ? columns : columns.filter(([name]) => name !== "after" && name !== "bits");
  const cells = shown.map(([name, , width, format]) => {
    const index = columns.findIndex(column => column[0] === name);
    const button = element("button", { type: "button", textContent: name });
    const cell = element("th", { className: format ? "n" : "", scope: "col" }, button);
    cell.style.width = width;
    button.addEventListener("click", () => {
      order.descending = order.column === index ? !order.descending : format !== undefined;
      order.column = index;
      drawTensorRows(shown, cells);
    });
    cell.index = index;
    return cell;
  });
  byId("rows").replaceChildren(element("thead", {}, element("tr", {}, ...cells)), element("tbody"));
  byId("filter").addEventListener("input", () => drawTensorRows(shown, cells));
  drawTensorRows(shown, cells);
}

function drawTensorRows(shown, cells) {
  const wanted = byId("filter").value.toLowerCase();
  const read = columns[order.column][1];
  const compare = (left, right) => {
    const [a, b] = [read(left), read(right)];
    if (a === b) return left.name.localeCompare(right.name);
    if (a === null || b === null) return a === null ? 1 : -1;
    return (typeof a === "number" ? a - b : String(a).localeCompare(String(b))) * (order.descending ? -1 : 1);
  };
  const isWanted = row => shown.some(([, value]) => String(value(row) ?? "").toLowerCase().includes(wanted));
  const rows = data.tensors.filter(isWanted).sort(compare);
  for (const cell of cells) {
    const isSorted = cell.index === order.column;
    cell.setAttribute("aria-sort", isSorted ? order.descending ? "descending" : "ascending" : "none");
    cell.firstChild.textContent = columns[cell.index][0] + (isSorted ? order.descending ? " ↓" : " ↑" : "");
  }
  byId("rows").tBodies[0].replaceChildren(...rows.map(row => element("tr", {}, ...shown.map(([, value, , format]) =>
    element("td", { className: format ? "n" : "", textContent: format ? format(value(row)) : value(row) })))));
  byId("count").textContent = `${rows.length} of ${data.tensors.length} tensors`;
}

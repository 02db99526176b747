"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const svgSpace = "http://www.w3.org/2000/svg";
const byId = id => document.getElementById(id);

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function drawn(name, attributes, text) {
  const made = document.createElementNS(svgSpace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function bytes(count) {
  if (count === null || count === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  for (; count >= 999.5 && unit < units.length - 1; unit++) count /= 1000;
  return `${count.toFixed(unit === 0 || count >= 99.95 ? 0 : count >= 9.995 ? 1 : 2)} ${units[unit]}`;
}

const ratio = (above, below) => below > 0 ? `${(above / below).toFixed(1)} times less` : "";
const colour = category => `var(--${category})`;

function niceTicks(top) {
  const rough = top / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = [1, 2, 2.5, 5, 10].map(step => step * power).find(step => step >= rough);
  return Array.from({ length: Math.floor(top / size) + 1 }, (_, index) => index * size);
}

/** Labels at the right edge, pushed apart so that none covers another. */
function spread(labels, bottom) {
  labels.sort((left, right) => left.y - right.y);
  labels.forEach((label, index) => { label.at = Math.max(label.y, index ? labels[index - 1].at + 30 : 14); });
  for (let index = labels.length - 1, least = bottom; index >= 0; index--, least -= 30)
    labels[index].at = Math.min(labels[index].at, least);
  return labels;
}

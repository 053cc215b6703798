/*
 * Elements of the page. Texts become text nodes, so nothing that a model says is ever markup.
 *
 *   make(name, attributes, ...children)   an HTML element; null children are left out
 *   draw(name, attributes, ...children)   an SVG element
 *   table(head, ...bodies)                head: [text, class]; a body: list of rows
 *   row(title, ...cells)                  a row with its title; a cell: text, [text, class] or node
 */
const vertebriskDom = (() => {
  "use strict";

  const NAMESPACE = "http" + "://www.w3.org/2000/svg";

  function filled(element, attributes, children) {
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    element.append(...children.flat().filter((each) => each !== null && each !== undefined));
    return element;
  }

  const make = (name, attributes = {}, ...children) =>
    filled(document.createElement(name), attributes, children);

  const draw = (name, attributes = {}, ...children) =>
    filled(document.createElementNS(NAMESPACE, name), attributes, children);

  function cell(name, content, attributes = {}) {
    if (!Array.isArray(content)) return make(name, attributes, content);
    return make(name, { ...attributes, class: content[1] }, content[0]);
  }

  const row = (title, ...cells) =>
    make("tr", {}, cell("th", title, { scope: "row" }), ...cells.map((each) => cell("td", each)));

  function table(head, ...bodies) {
    const columns = head.map((each) => cell("th", each, { scope: "col" }));
    const parts = bodies.map((rows) => make("tbody", {}, ...rows));
    return make("table", {}, make("thead", {}, make("tr", {}, ...columns)), ...parts);
  }

  return Object.freeze({ make, draw, table, row });
})();

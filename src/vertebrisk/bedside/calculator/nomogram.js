/*
 * The living nomogram: the model's axes as SVG, picked by pointer or keys.
 *
 *   vertebriskNomogram(page)   page: {model, words, state, pick(values)}
 *     draw(width)              builds the axes; draws nothing where the model has none
 *     show()                   marks, plumb lines and total of the patient
 *
 * Where predictors interact, an axis holds for some values of the others. A patient who has
 * values between them gets an axis of his own.
 */
const vertebriskNomogram = (page) => {
  "use strict";

  const { make, draw: svg } = vertebriskDom;
  const { wrapped, levels, numbers, scale } = vertebriskAxes;
  const engine = vertebriskEngine;
  const { model } = page;
  const { nomogram } = model;
  const byName = new Map(model.design.predictors.map((each) => [each.name, each]));
  const NARROW = 640;
  const [LINE, ROW] = [16, 15];
  const GAP = { screen: 14, paper: 28 };
  const home = document.getElementById("nomogram");
  const root = svg("svg", { role: "group", preserveAspectRatio: "xMidYMin" });
  let drawn = null;
  let width = 0;
  let held = null;

  const given = (name) => page.state.patient[name] ?? null;
  const same = ([name, value]) => String(value) === String(given(name)) ||
    (!byName.get(name).levels.length && given(name) !== null && Number(value) === Number(given(name)));
  const stepped = (predictor) => predictor.levels.length > 0 || predictor.discrete;

  // Axes to draw, in order: those of the model and those that hold for this patient alone.
  function axes() {
    const all = nomogram.axes.map((axis, place) => ({ ...axis, key: String(place), place, own: axis.held.every(same) }));
    return [...new Set(all.map((each) => each.variable))].flatMap((variable) => {
      const mine = all.filter((each) => each.variable === variable);
      const partners = mine[0].held.map(([name]) => name);
      if (mine.some((each) => each.own) || partners.some((name) => given(name) === null)) return mine;
      const points = mine[0].values.map((value) =>
        engine.points(model, { ...page.state.patient, [variable]: value })
          .find((each) => each.variable === variable).points);
      if (points.includes(null)) return mine;
      const live = { ...mine[0], points, held: partners.map((name) => [name, given(name)]), key: `own-${variable}`, own: true };
      return [live, ...mine];
    });
  }

  // What decides which axes there are; the same as before, and only the marks move.
  function structure() {
    const partners = new Set(nomogram.axes.flatMap((axis) => axis.held.map(([name]) => name)));
    return JSON.stringify([width, page.words.language, page.printing, [...partners].map(given)]);
  }

  function name(axis) {
    const { words } = page;
    const own = words.label(axis.variable);
    if (!axis.held.length) return own;
    const others = axis.held.map(([each, value]) => words.text("equals", words.label(each), words.shown(each, value)));
    return words.text("where", own, words.listed(others));
  }

  function build() {
    const { words } = page;
    const side = width >= NARROW ? Math.min(230, width * 0.3) : 0;
    const [left, right] = [side, width];
    const [x0, x1] = [side + 14, width - 14];
    const { totals } = nomogram;
    const span = totals[totals.length - 1] - totals[0] || 1;
    const layout = {
      atPoints: (points) => x0 + ((x1 - x0) * points) / 100,
      atTotal: (points) => x0 + ((x1 - x0) * (points - totals[0])) / span,
      toPoints: (x) => (100 * (x - x0)) / (x1 - x0),
      bounds: [x0, x1], left, right, rows: [], plumbs: svg("g"), marks: svg("g"),
    };
    let y = side ? 10 : 4;

    function axisRow(label, ticks, place, into, reserve = 0) {
      const lines = wrapped(label, side ? side - 10 : width - 4);
      const placed = place(ticks, left, right);
      const start = y;
      if (!side) y += lines.length * LINE + 2;
      y += reserve + (placed.some((each) => each.row < 0) ? ROW : 0);
      const line = y + 6;
      const first = side ? Math.max(line + 4 - ((lines.length - 1) * LINE) / 2, start + 10) : start + 12;
      lines.forEach((text, i) => into.append(svg("text", { class: "label", x: 0, y: first + i * LINE }, text)));
      const xs = ticks.map((tick) => tick.x);
      into.append(svg("path", { class: "axis", d: `M${Math.min(...xs)} ${line}H${Math.max(...xs)}` }));
      ticks.forEach((tick) => into.append(svg("path", { class: "axis", d: `M${tick.x} ${line}v5` })));
      placed.forEach(({ centre, text, row }) => {
        const at = row < 0 ? line - 6 : line + 17 + row * ROW;
        into.append(svg("text", { class: "tick", x: centre, y: at, "text-anchor": "middle" }, text));
      });
      const deepest = Math.max(0, ...placed.map((each) => each.row));
      y = Math.max(line + 17 + deepest * ROW + (page.printing ? GAP.paper : GAP.screen), side ? first + (lines.length - 1) * LINE + 16 : 0);
      return { line, start, end: y - 4 };
    }

    function slider(axis) {
      const predictor = byName.get(axis.variable);
      const group = svg("g", { role: "slider", tabindex: 0, "data-axis": axis.key, "data-variable": axis.variable });
      const ticks = axis.values.map((value, i) => ({ x: layout.atPoints(axis.points[i]), text: words.shown(axis.variable, value, true) }))
        .filter(({ x }) => x >= x0 - 3 && x <= x1 + 3);
      const unit = words.unit(axis.variable);
      const label = unit ? words.text("in-unit", name(axis), unit) : name(axis);
      const back = svg("rect", { class: "hit", rx: 3 });
      group.append(back);
      root.append(group);
      const marks = ticks.length ? ticks : [{ x: axis.points[0] < 0 ? x0 : x1, text: "" }];
      const { line, start, end } = axisRow(label, marks, predictor.levels.length ? levels : numbers, group);
      const box = { x: side ? side - 6 : 0, y: start, width: side ? width - side + 6 : width, height: Math.max(end - start, 26) };
      Object.entries(box).forEach(([key, value]) => back.setAttribute(key, value));
      layout.rows.push({ axis, predictor, group, line });
    }

    root.replaceChildren(layout.plumbs);
    const tens = Array.from({ length: 11 }, (_, i) => ({ x: layout.atPoints(10 * i), text: String(10 * i) }));
    layout.head = axisRow(words.text("points"), tens, numbers, root).line;
    axes().filter((each) => !page.printing || each.own || !drawsOwn(each)).forEach(slider);
    const sums = totals.map((each) => ({ x: layout.atTotal(each), text: words.number(each) }));
    layout.total = axisRow(words.text("total"), sums, numbers, root, 16).line;
    layout.foot = layout.total;
    nomogram.scales.filter(({ ticks }) => ticks.length).forEach(({ horizon, ticks }) => {
      const label = horizon === null ? words.text("risk") : words.by("risk-by", horizon);
      const marks = ticks.map(([risk, at]) => ({ x: layout.atTotal(at), text: words.mark(risk) }));
      layout.foot = axisRow(label, marks, scale, root).line;
    });
    if (nomogram.median?.length) {
      const marks = nomogram.median.map(([time, at]) => ({ x: layout.atTotal(at), text: words.number(time) }));
      layout.foot = axisRow(words.text("median", words.timeUnit()), marks, scale, root).line;
    }
    root.append(layout.marks);
    root.setAttribute("viewBox", `0 0 ${width} ${Math.ceil(y)}`);
    root.setAttribute("aria-label", words.text("nomogram"));
    return layout;
  }

  // On paper only the axis that holds for the patient is worth its room.
  const drawsOwn = (axis) => axis.held.length > 0 && axis.held.every(([each]) => given(each) !== null);

  const clamp = (x) => Math.min(Math.max(x, drawn.bounds[0]), drawn.bounds[1]);

  function mark(x, line) {
    const [x0, x1] = drawn.bounds;
    const outside = x < x0 - 3 ? -1 : x > x1 + 3 ? 1 : 0;
    const at = clamp(x);
    drawn.marks.append(outside
      ? svg("path", { class: "mark", d: `M${at + 12 * outside} ${line}l${-14 * outside} -7v14z` })
      : svg("circle", { class: "mark", cx: at, cy: line, r: 6 }));
  }

  function plumb(x, from, to) {
    drawn.plumbs.append(svg("path", { class: "plumb", d: `M${clamp(x)} ${from}V${to}` }));
  }

  function aria({ axis, predictor, group }) {
    const { words } = page;
    const value = given(axis.variable);
    const index = axis.values.findIndex((each) => same([axis.variable, each]));
    const low = stepped(predictor) ? 0 : Math.min(...axis.values);
    const high = stepped(predictor) ? axis.values.length - 1 : Math.max(...axis.values);
    const now = stepped(predictor) ? Math.max(index, 0) : Number(value ?? low);
    const unknown = value === null || Number.isNaN(now);
    Object.entries({
      "aria-label": name(axis), "aria-valuemin": low, "aria-valuemax": high,
      "aria-valuenow": unknown ? low : Math.min(Math.max(now, low), high),
      "aria-valuetext": unknown ? words.text("not-given") : words.shown(axis.variable, value),
    }).forEach(([key, each]) => group.setAttribute(key, each));
  }

  function show() {
    if (!nomogram) return;
    const wanted = structure();
    if (held !== wanted) {
      const focused = document.activeElement?.getAttribute("data-axis");
      drawn = build();
      held = wanted;
      if (focused) root.querySelector(`[data-axis="${CSS.escape(focused)}"]`)?.focus();
    }
    drawn.plumbs.replaceChildren();
    drawn.marks.replaceChildren();
    const reading = engine.points(model, page.state.patient);
    drawn.rows.forEach((row) => {
      aria(row);
      const { points } = reading.find((each) => each.variable === row.axis.variable);
      if (!row.axis.own || points === null) return;
      const x = drawn.atPoints(points);
      plumb(x, drawn.head, row.line);
      mark(x, row.line);
    });
    const total = engine.total(model, page.state.patient);
    if (total === null) return;
    const x = drawn.atTotal(total);
    plumb(x, drawn.total, drawn.foot);
    mark(x, drawn.total);
    const text = page.words.number(total.toFixed(0));
    const half = vertebriskAxes.measure(text, true) / 2;
    const at = Math.min(Math.max(clamp(x), drawn.left + half), drawn.right - half);
    drawn.marks.append(svg("text", { class: "value", x: at, y: drawn.total - 10, "text-anchor": "middle" }, text));
  }

  function why() {
    const { words } = page;
    if (model.strata?.length) return words.text("no-nomogram-strata");
    if (model.design.terms.some((term) => term.length > 1)) return words.text("no-nomogram-chain");
    return words.text("no-nomogram");
  }

  function draw(room) {
    document.getElementById("nomogram-help").hidden = !nomogram;
    if (!nomogram) {
      home.replaceChildren(make("p", {}, why()));
      return;
    }
    width = Math.max(280, Math.round(room));
    if (root.parentNode !== home) home.replaceChildren(root);
    show();
  }

  const listening = vertebriskPicking(root, {
    row: (key) => drawn.rows.find((each) => each.axis.key === key),
    pointsAt: (event) => {
      const box = root.getBoundingClientRect();
      return drawn.toPoints(((event.clientX - box.left) * width) / box.width);
    },
    given,
    pick: (axis, value) => page.pick({ ...Object.fromEntries(axis.own ? [] : axis.held), [axis.variable]: value }),
  });
  listening.start();
  return { draw, show };
};

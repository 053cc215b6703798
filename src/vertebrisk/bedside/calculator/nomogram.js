/*
 * The living nomogram: the model's axes as SVG, picked by pointer or keys.
 *
 *   vertebriskNomogram(model, patient, width, words, pick)
 *     words: {text(key, ...), label(name), shown(name, value), percent(risk), number(value)}
 *     pick(changes): called with {name: value} when a value is chosen on an axis
 */
const vertebriskNomogram = (() => {
  "use strict";

  const NAMESPACE = "http" + "://www.w3.org/2000/svg";
  const engine = vertebriskEngine;
  const NARROW = 640;
  const LETTER = 12;

  function element(name, attributes, ...children) {
    const made = document.createElementNS(NAMESPACE, name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  }

  const wide = (letter) => /[\u2e80-\uffff]/.test(letter);
  const measure = (text, size = LETTER) =>
    [...text].reduce((sum, letter) => sum + (wide(letter) ? 1 : 0.58) * size, 0);

  function wrapped(text, room) {
    const words = text.match(/[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+/g) || [""];
    const lines = [""];
    words.forEach((word) => {
      const last = lines[lines.length - 1];
      if (last && measure((last + word).trim(), 14) > room) lines.push(word);
      else lines[lines.length - 1] = last + word;
    });
    return lines.map((line) => line.trim());
  }

  // Rows for the texts of ticks, so that none touches another; numbers past two rows fall away.
  function placed(ticks, most, left, right) {
    const ends = [];
    return [...ticks].sort((a, b) => a.x - b.x).flatMap((tick) => {
      const half = measure(tick.text) / 2;
      const centre = Math.min(Math.max(tick.x, left + half), right - half);
      const row = ends.findIndex((end) => centre - half > end + 5);
      const own = row < 0 ? ends.length : row;
      if (own >= most) return [{ ...tick, text: "", row: 0, centre }];
      ends[own] = centre + half;
      return [{ ...tick, row: own, centre }];
    });
  }

  function niceStep(low, high) {
    const rough = (high - low) / 100 || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    return power * [1, 2, 5, 10].find((each) => each * power >= rough * 0.999);
  }

  const rounded = (value, step) => Number((Math.round(value / step) * step).toPrecision(12));

  // The value of an axis nearest to a number of points.
  function valueAt(axis, predictor, points) {
    const near = axis.points.reduce(
      (best, each, i) => (Math.abs(each - points) < Math.abs(axis.points[best] - points) ? i : best),
      0,
    );
    if (predictor.levels.length || predictor.discrete) return axis.values[near];
    const step = niceStep(Math.min(...axis.values), Math.max(...axis.values));
    for (let i = 1; i < axis.points.length; i += 1) {
      const [a, b] = [axis.points[i - 1], axis.points[i]];
      if (a !== b && (points - a) * (points - b) <= 0) {
        const share = (points - a) / (b - a);
        return rounded(axis.values[i - 1] + share * (axis.values[i] - axis.values[i - 1]), step);
      }
    }
    return axis.values[near];
  }

  function moved(axis, predictor, value, key) {
    const stepped = predictor.levels.length || predictor.discrete;
    const values = stepped ? axis.values : [Math.min(...axis.values), Math.max(...axis.values)];
    const last = values.length - 1;
    const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
    if (key === "Home") return values[0];
    if (key === "End") return values[last];
    if (!(key in way)) return undefined;
    if (stepped) {
      const at = values.findIndex((each) => String(each) === String(value));
      return at < 0 ? values[0] : values[Math.min(Math.max(at + way[key], 0), last)];
    }
    const step = niceStep(values[0], values[1]);
    const from = value === null ? predictor.adjust_to : Number(value);
    return Math.min(Math.max(rounded(from + way[key] * step, step), values[0]), values[1]);
  }

  return function draw(model, patient, size, words, pick) {
    const { nomogram, design } = model;
    const side = size >= NARROW ? Math.min(220, size * 0.28) : 0;
    const [x0, x1] = [side + 14, size - 14];
    const byName = new Map(design.predictors.map((each) => [each.name, each]));
    const reading = engine.points(model, patient);
    const root = element("svg", { role: "group", "aria-label": words.text("nomogram") });
    const plumbs = element("g", {});
    root.append(plumbs);
    let y = 8;

    const clamp = (x) => Math.min(Math.max(x, x0), x1);
    const atPoints = (points) => x0 + ((x1 - x0) * points) / 100;
    const { totals } = nomogram;
    const span = totals[totals.length - 1] - totals[0] || 1;
    const atTotal = (points) => x0 + ((x1 - x0) * (points - totals[0])) / span;

    function axisRow(label, ticks, most, into = root) {
      const lines = wrapped(label, side ? side - 8 : size - 8);
      const start = y;
      if (!side) y += lines.length * 16;
      const line = side ? y + 10 : y + 8;
      lines.forEach((text, i) => {
        const at = side ? start + 14 + i * 16 : start + 10 + i * 16;
        into.append(element("text", { class: "label", x: 0, y: at }, text));
      });
      const texts = placed(ticks, most, 0 + side, size);
      const xs = ticks.map((tick) => tick.x);
      into.append(element("path", { class: "axis", d: `M${Math.min(...xs)} ${line}H${Math.max(...xs)}` }));
      texts.forEach((tick) => {
        into.append(element("path", { class: "axis", d: `M${tick.x} ${line}v${5}` }));
        const below = line + 17 + tick.row * 14;
        if (tick.text) {
          into.append(element("text", { class: "tick", x: tick.centre, y: below, "text-anchor": "middle" }, tick.text));
        }
      });
      const deepest = Math.max(0, ...texts.map((tick) => tick.row));
      y = Math.max(line + 17 + deepest * 14 + 11, side ? start + lines.length * 16 + 10 : 0);
      return { line, start };
    }

    function mark(x, line, text) {
      root.append(element("circle", { class: "mark", cx: clamp(x), cy: line, r: 6 }));
      if (!text) return;
      const half = measure(text, 13) / 2;
      const at = Math.min(Math.max(x, side + half), size - half);
      root.append(element("text", { class: "value", x: at, y: line - 9, "text-anchor": "middle" }, text));
    }

    function slider(axis, place) {
      const predictor = byName.get(axis.variable);
      const own = words.label(axis.variable);
      const held = axis.held.map(([name, value]) => words.text("colon", words.label(name), words.shown(name, value)));
      const label = held.length ? words.text("where", own, held.join(words.text("comma"))) : own;
      const group = element("g", { role: "slider", tabindex: 0, "data-variable": axis.variable });
      const ticks = axis.values.map((value, i) => ({ x: atPoints(axis.points[i]), text: words.shown(axis.variable, value, true) }));
      root.append(group);
      const { line, start } = axisRow(predictor.unit ? `${label} (${predictor.unit})` : label, ticks, predictor.levels.length ? 99 : 2, group);
      const value = patient[axis.variable] ?? null;
      const stepped = predictor.levels.length || predictor.discrete;
      const index = axis.values.findIndex((each) => String(each) === String(value));
      const low = stepped ? 0 : Math.min(...axis.values);
      const high = stepped ? axis.values.length - 1 : Math.max(...axis.values);
      const now = stepped ? Math.max(index, 0) : Number(value ?? low) || low;
      Object.entries({
        "aria-label": label, "aria-valuemin": low, "aria-valuemax": high, "aria-valuenow": now, "data-axis": place,
        "aria-valuetext": value === null ? words.text("not-given") : words.shown(axis.variable, value),
      }).forEach(([key, each]) => group.setAttribute(key, each));
      const top = side ? start : line - 14;
      const hit = element("rect", { class: "hit", x: side + 2, y: top, width: size - side - 4, height: Math.max(y - top - 4, 24), rx: 3 });
      group.append(hit);
      const choose = (chosen) => pick({ ...Object.fromEntries(axis.held), [axis.variable]: chosen }, place);
      const at = (event) => {
        const box = root.getBoundingClientRect();
        const x = ((event.clientX - box.left) * size) / box.width;
        choose(valueAt(axis, predictor, (100 * (x - x0)) / (x1 - x0)));
      };
      group.addEventListener("pointerdown", at);
      group.addEventListener("pointermove", (event) => event.buttons === 1 && at(event));
      group.addEventListener("keydown", (event) => {
        const chosen = moved(axis, predictor, value, event.key);
        if (chosen === undefined) return;
        event.preventDefault();
        choose(chosen);
      });
      const read = reading.find((each) => each.axis === place);
      return read && read.points !== null ? { x: atPoints(read.points), line } : null;
    }

    const scale = (label, ticks) => axisRow(label, ticks, 2);
    const tens = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
    const head = scale(words.text("points"), tens.map((each) => ({ x: atPoints(each), text: String(each) })));
    const marks = nomogram.axes.map(slider).filter(Boolean);
    marks.forEach(({ x, line }) => {
      plumbs.append(element("path", { class: "plumb", d: `M${clamp(x)} ${head.line}V${line}` }));
      mark(x, line);
    });
    const total = engine.total(model, patient);
    y += 8;
    const sum = scale(words.text("total"), totals.map((each) => ({ x: atTotal(each), text: words.number(each) })));
    let foot = sum.line;
    nomogram.scales.forEach(({ horizon, ticks }) => {
      const label = horizon === null ? words.text("risk") : words.by("risk-by", horizon);
      if (ticks.length) foot = scale(label, ticks.map(([risk, at]) => ({ x: atTotal(at), text: words.percent(risk) }))).line;
    });
    if (nomogram.median && nomogram.median.length) {
      const label = words.text("median", words.unit());
      foot = scale(label, nomogram.median.map(([time, at]) => ({ x: atTotal(at), text: words.number(time) }))).line;
    }
    if (total !== null) {
      const x = atTotal(total);
      plumbs.append(element("path", { class: "plumb", d: `M${clamp(x)} ${sum.line}V${foot}` }));
      mark(x, sum.line, words.number(Math.round(total)));
    }
    root.setAttribute("viewBox", `0 0 ${size} ${y}`);
    return root;
  };
})();

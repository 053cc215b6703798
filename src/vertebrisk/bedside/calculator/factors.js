/*
 * What the risk is made of: what each factor adds, and the risk with another value of it.
 *
 *   vertebriskFactors(page)   page: {model, words, state, horizon()}
 *     show(risk)              both tables for the patient; nothing without a risk
 */
const vertebriskFactors = (page) => {
  "use strict";

  const { make, draw: svg, table, row } = vertebriskDom;
  const engine = vertebriskEngine;
  const { model } = page;
  const { predictors } = model.design;
  const RATIO = { logistic: "odds", cox: "hazard", "fine-gray": "subhazard" };
  const MOST = 5;
  const LONG = 16;

  function ratio(contribution) {
    if (Math.abs(contribution) < 1e-9) return page.words.text("same");
    const factor = Math.exp(contribution);
    const written = factor >= 1000 || factor < 0.001 ? factor.toExponential(1) : factor.toPrecision(3);
    return page.words.text(RATIO[model.kind], written);
  }

  // A median of many digits means no more than three of them.
  const typical = (name, value) =>
    page.words.shown(name, typeof value === "number" && value % 1 ? Number(value.toPrecision(3)) : value);

  const own = (name) => {
    const value = page.state.patient[name];
    return value === undefined ? page.words.text("not-known") : page.words.shown(name, value);
  };

  const named = (name) => {
    const { words } = page;
    const modifiable = predictors.find((each) => each.name === name)?.modifiable;
    return [words.label(name), modifiable ? make("span", { class: "tag" }, words.text("modifiable")) : null];
  };

  // A bar to the right for what raises the risk, to the left for what lowers it.
  function bar(contribution, widest) {
    const length = widest ? (46 * contribution) / widest : 0;
    const [from, wide] = length < 0 ? [50 + length, -length] : [50, length];
    return [svg("svg", { class: "bar", viewBox: "0 0 100 14", "aria-hidden": "true" },
      svg("rect", { x: from, y: 2, width: Math.max(wide, 0.5), height: 10 }), svg("path", { class: "rule", d: "M50 0V14" })), "graph"];
  }

  function made() {
    const { words, state } = page;
    const points = engine.points(model, state.patient) || [];
    const groups = [...engine.drivers(model, state.patient)]
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
    const widest = Math.max(0, ...groups.map((each) => Math.abs(each.contribution)));
    const rows = groups.map(({ variables, contribution }) => {
      const scored = points.filter((each) => variables.includes(each.variable) && each.points !== null);
      const values = variables.map((name) => make("span", { class: "own-value" }, own(name)));
      const title = make("div", {}, ...variables.flatMap((name, i) => [make("div", {}, ...named(name)), values[i]]));
      const known = contribution !== null;
      return row(title, known ? bar(contribution, widest) : ["", "graph"],
        [scored.length ? words.number(scored[0].points.toFixed(0)) : "\u2013", "n"],
        [known ? ratio(contribution) : "\u2013", "n"]);
    });
    const total = engine.total(model, state.patient);
    const foot = total === null ? [] : [row(words.text("total"), ["", "graph"], [words.number(total.toFixed(0)), "n"], ["", "n"])];
    const reference = engine.reference(model);
    const said = words.listed(predictors.map(({ name }) => words.text("colon", words.label(name), typical(name, reference[name]))));
    const head = [words.text("factor"), [words.text("adds"), "graph"], [words.text("points"), "n"], [words.text("against"), "n"]];
    return make("div", {}, make("h2", {}, words.text("factors")), table(head, [...rows, ...foot]),
      make("p", { class: "note" }, words.text("reference", said)));
  }

  // Other values of a predictor: all levels, or a few marks of its axis within the study's range.
  function others(predictor) {
    const given = page.state.patient[predictor.name];
    if (predictor.levels.length) return predictor.levels.filter((each) => each !== String(given));
    const [low, high] = predictor.limits || [-Infinity, Infinity];
    const within = predictor.ticks.filter((each) => each >= low && each <= high);
    const step = Math.ceil(within.length / MOST) || 1;
    return within.filter((each, i) => i % step === 0 && each !== Number(given));
  }

  function line(risk, own) {
    const x = (value) => 4 + 112 * value;
    return [svg("svg", { class: "line-of-risk", viewBox: "0 0 120 12", "aria-hidden": "true" },
      svg("path", { class: "rule", d: "M4 6H116" }), svg("path", { class: "now", d: `M${x(own)} 0V12` }),
      svg("circle", { class: "own", cx: x(risk), cy: 6, r: 4 })), "graph"];
  }

  function alternatives(predictor, risk) {
    const { words, state } = page;
    const rows = others(predictor).flatMap((value) => {
      const other = engine.risk(model, { ...state.patient, [predictor.name]: value }, page.horizon());
      return other === null ? [] : [row(words.shown(predictor.name, value), line(other, risk), [words.percent(other), "n"])];
    });
    const title = make("tr", { class: "group" }, make("th", { colspan: 3, scope: "rowgroup" }, ...named(predictor.name),
      make("span", { class: "own-value" }, words.text("is", own(predictor.name)))));
    return rows.length ? [[title, ...rows]] : [];
  }

  function changed(risk) {
    const { words } = page;
    const first = [...predictors].sort((a, b) => Boolean(b.modifiable) - Boolean(a.modifiable));
    const bodies = first.flatMap((each) => alternatives(each, risk));
    const count = bodies.reduce((sum, each) => sum + each.length, 0);
    const head = [words.text("another"), [words.text("between", words.mark(0), words.mark(1)), "graph"], [words.text("risk"), "n"]];
    const note = make("p", { class: "note" }, words.text("no-cause"));
    const marked = predictors.some((each) => each.modifiable) ? make("p", { class: "note" }, words.text("modifiable-note")) : null;
    const inner = make("div", {}, table(head, ...bodies), note, marked);
    if (!bodies.length) return null;
    return make("div", { class: "changed" }, make("h2", {}, words.text("changed")),
      count > LONG ? make("details", {}, make("summary", {}, words.text("show-changed")), inner) : inner);
  }

  function show(risk) {
    const section = document.getElementById("factors");
    const parts = risk === null || !predictors.length ? [] : [made(), changed(risk)].filter(Boolean);
    section.replaceChildren(...parts);
    section.hidden = !parts.length;
  }

  return { show };
};

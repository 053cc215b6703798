/*
 * Risk over time with its band, and a table of the study's horizons.
 *
 *   vertebriskCurve(page)   page: {model, words, state, horizon()}
 *     show(risk)            for the patient; nothing without a risk or a curve
 */
const vertebriskCurve = (page) => {
  "use strict";

  const { make, draw: svg, table, row } = vertebriskDom;
  const engine = vertebriskEngine;
  const { model } = page;
  const [HIGH, LEFT, TOP, FOOT] = [260, 46, 12, 222];
  const TOPS = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1];

  function niceTimes(last, most) {
    const rough = last / most;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 2.5, 5, 10].find((each) => each * power >= rough);
    return Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
  }

  function path(points, x, y, key) {
    return points.map((each, i) => `${i ? "L" : "M"}${x(each.time).toFixed(1)} ${y(each[key]).toFixed(1)}`).join("");
  }

  function drawn(points) {
    const { words, state } = page;
    const wide = Math.max(280, Math.min(560, page.room.chart));
    const right = wide - 14;
    const last = points[points.length - 1].time;
    const largest = Math.max(...points.map((each) => each.high ?? each.risk));
    const top = TOPS.find((each) => each >= largest) ?? 1;
    const x = (time) => LEFT + ((right - LEFT) * time) / last;
    const y = (risk) => FOOT - ((FOOT - TOP) * risk) / top;
    const known = points.filter((each) => each.high !== null);
    const back = path([...known].reverse(), x, y, "low").replace("M", "L");
    const band = whole(points) ? svg("path", { class: "band", d: `${path(known, x, y, "high")}${back}z` }) : null;
    const rules = [0, 0.25, 0.5, 0.75, 1].map((share) => share * top).map((risk) => [
      svg("path", { class: "rule", d: `M${LEFT} ${y(risk)}H${right}` }),
      svg("text", { class: "tick", x: LEFT - 8, y: y(risk) + 4, "text-anchor": "end" }, words.mark(risk)),
    ]);
    const times = niceTimes(last, wide / 100).map((time) => [
      svg("path", { class: "axis", d: `M${x(time)} ${FOOT}v5` }),
      svg("text", { class: "tick", x: x(time), y: FOOT + 19, "text-anchor": "middle" }, words.number(time)),
    ]);
    const horizons = model.horizons.flatMap((each) => {
      const risk = engine.risk(model, state.patient, each);
      if (risk === null) return [];
      const limits = engine.interval(model, state.patient, each);
      const chosen = each === page.horizon();
      return [
        chosen ? svg("path", { class: "plumb", d: `M${x(each)} ${FOOT}V${y(risk)}H${LEFT}` }) : null,
        limits ? svg("path", { class: "whisker", d: `M${x(each)} ${y(limits.low)}V${y(limits.high)}` }) : null,
        svg("circle", { class: chosen ? "mark" : "mark open", cx: x(each), cy: y(risk), r: 5 }),
      ];
    });
    const unit = svg("text", { class: "tick", x: right, y: FOOT + 35, "text-anchor": "end" }, words.timeUnit());
    return svg("svg", { viewBox: `0 0 ${wide} ${HIGH}`, role: "img", "aria-label": words.text("over-time") },
      rules.flat(), band, svg("path", { class: "axis", d: `M${LEFT} ${FOOT}H${right}` }), times.flat(), unit,
      svg("path", { class: "line", d: path(points, x, y, "risk") }), horizons);
  }

  // Bootstrapped limits are known at the horizons only, which makes no band.
  const whole = (points) => points.filter((each) => each.high !== null).length > points.length / 2;

  function horizons() {
    const { words, state } = page;
    const rows = model.horizons.map((each) => {
      const risk = engine.risk(model, state.patient, each);
      const limits = engine.interval(model, state.patient, each);
      const between = limits ? words.text("between", words.percent(limits.low), words.percent(limits.high)) : words.text("none");
      return row(words.by("by", each), [risk === null ? words.text("none") : words.percent(risk), "n"], [between, "n"]);
    });
    const head = [words.text("horizon"), [words.text("risk"), "n"], [words.text("interval-short"), "n"]];
    return table(head, rows);
  }

  function show(risk) {
    const section = document.getElementById("curve");
    const points = risk === null ? [] : engine.curve(model, page.state.patient);
    section.hidden = points.length < 2;
    if (section.hidden) section.replaceChildren();
    else {
      section.replaceChildren(make("h2", {}, page.words.text("over-time")),
        make("div", { class: "pair" }, drawn(points), make("div", {}, horizons(),
          make("p", { class: "note" }, page.words.text(whole(points) ? "band" : "no-band")))));
    }
  }

  return { show };
};

/*
 * The answer: risk with interval beside the study's average, natural frequencies, warnings.
 *
 *   vertebriskAnswer(page)   page: {model, words, state, strata, horizon(), focus(name)}
 *     draw()                 headings and the choice of the horizon
 *     show(risk, flags)      the answer for the patient, or what is still needed
 */
const vertebriskAnswer = (page) => {
  "use strict";

  const { make, draw: svg } = vertebriskDom;
  const engine = vertebriskEngine;
  const { model } = page;
  const place = (id) => document.getElementById(id);
  const ELSEWHERE = ["missing", "averaged", "one-needed"];
  const TOPS = [0.05, 0.1, 0.2, 0.5, 1];

  function horizons() {
    const { words, state } = page;
    if (!model.horizons || model.horizons.length < 2) return [];
    const buttons = model.horizons.map((each) => {
      const button = make("input", { type: "radio", name: "horizon", value: each });
      button.checked = state.horizon === each;
      button.addEventListener("change", () => page.by(each));
      return make("label", {}, button, make("span", {}, words.by("span", each)));
    });
    return [make("fieldset", {}, make("legend", {}, words.text("horizon")), make("div", { class: "choices small" }, ...buttons))];
  }

  const few = (count) => (count < 5 ? page.words.text("few") : String(count));

  // What the risk is set beside: the average of the study, or its typical patient.
  function beside() {
    const { words, state } = page;
    const { n, n_events: events, prevalence, design } = model.population;
    const known = model.average_risks?.[model.horizons.indexOf(page.horizon())];
    if (typeof known === "number") {
      return { risk: known, said: words.text("average-by", words.percent(known)), more: words.text("seen", few(events), n) };
    }
    if (model.kind !== "logistic") {
      const own = page.strata.map(({ name }) => [name, state.patient[name]]);
      const risk = engine.risk(model, { ...engine.reference(model), ...Object.fromEntries(own) }, page.horizon());
      if (risk === null) return null;
      return { risk, said: words.text("typical", words.percent(risk)), more: words.text("seen", few(events), n) };
    }
    if (prevalence !== null) return { risk: prevalence, said: words.text("average-prevalence", words.percent(prevalence)) };
    if (!n) return null;
    const key = design === "case-control" ? "average-sample" : "average";
    const risk = events / n;
    return { risk, said: words.text(key, words.percent(risk)), more: words.text("counted", few(events), n) };
  }

  const glyph = (kind) =>
    svg("svg", { class: "glyph", viewBox: "0 0 14 14", "aria-hidden": "true" },
      kind === "own"
        ? svg("circle", { class: "own", cx: 7, cy: 7, r: 5 })
        : svg("path", { class: "other", d: "M7 1L13 7L7 13L1 7z" }));

  function strip(risk, limits, other) {
    const { words } = page;
    const largest = Math.max(risk, limits ? limits.high : 0, other ? other.risk : 0);
    const top = TOPS.find((each) => each >= largest) ?? 1;
    const wide = Math.max(200, Math.min(page.room.answer || 400, 416));
    const x = (value) => 8 + ((wide - 16) * value) / top;
    const end = (value, anchor) => svg("text", { x: x(value), y: 44, "text-anchor": anchor }, words.mark(value));
    const spread = limits ? svg("path", { class: "spread", d: `M${x(limits.low)} 14H${x(limits.high)}` }) : null;
    const diamond = other ? svg("path", { class: "other", d: `M${x(other.risk)} 7l7 7l-7 7l-7 -7z` }) : null;
    return svg("svg", { class: "strip", viewBox: `0 0 ${wide} 48`, "aria-hidden": "true" },
      svg("path", { class: "rule", d: `M${x(0)} 14H${x(top)}M${x(0)} 10v8M${x(top)} 10v8M${x(top / 2)} 11v6` }),
      spread, diamond, svg("circle", { class: "own", cx: x(risk), cy: 14, r: 7 }),
      end(0, "start"), end(top / 2, "middle"), end(top, "end"));
  }

  function intervalText(limits, averaged) {
    const { words } = page;
    if (limits) return words.text(averaged.length ? "interval-averaged" : "interval", words.percent(limits.low), words.percent(limits.high));
    return words.text(model.interval_kind === "none" ? "no-interval" : "no-interval-here");
  }

  function figures(risk) {
    const { words } = page;
    const count = Math.round(100 * risk);
    const said = count === 0 ? words.text("hundred-few") : words.text("hundred", count);
    const people = Array.from({ length: 100 }, (_, i) => {
      const [x, y] = [(i % 20) * 17 + 8, Math.floor(i / 20) * 26 + 5];
      return svg("path", {
        class: i < count ? "on" : "off",
        d: `M${x - 3.2} ${y}a3.2 3.2 0 1 1 6.4 0a3.2 3.2 0 1 1-6.4 0M${x - 5} ${y + 15}v-6a5 5 0 0 1 10 0v6z`,
      });
    });
    return [svg("svg", { class: "figures", viewBox: "0 0 340 130", role: "img", "aria-label": said }, ...people),
      make("p", { class: "hundred" }, said)];
  }

  function similar() {
    const { words } = page;
    const found = engine.similar(model, page.state.patient);
    if (!found) return null;
    const { least, most, variables } = found;
    const key = least < 5 ? "similar-few" : most === null ? "similar-many" : "similar";
    const compared = words.listed(variables.map(words.label));
    return make("p", { class: "similar" }, words.text(key, least, most), make("span", { class: "note" }, words.text("compared", compared)));
  }

  function needed(flags) {
    const { words } = page;
    if (flags.some(({ kind }) => kind === "one-needed")) return [make("p", {}, words.text("one-needed"))];
    const missing = flags.filter(({ kind }) => kind === "missing").map(({ name }) => {
      const jump = make("button", { type: "button", class: "jump" }, words.label(name));
      jump.addEventListener("click", () => page.focus(name));
      return make("li", {}, jump);
    });
    if (!missing.length) return [make("p", {}, words.text("no-risk"))];
    return [make("p", {}, words.text("needed")), make("ul", { class: "wanted" }, ...missing)];
  }

  function warnings(flags) {
    const { words } = page;
    const said = flags.filter(({ kind }) => !ELSEWHERE.includes(kind)).map(({ kind, name, value, rule }) => {
      if (rule !== undefined) return words.text(kind, words.of(model.consistency[rule], "reason"));
      return words.text(kind, name ? words.label(name) : "", value ?? page.state.typed[name] ?? "");
    });
    if (!said.length) return [];
    return [make("ul", { class: "flags" }, ...said.map((each) => make("li", {}, each)))];
  }

  function answered(risk) {
    const { words } = page;
    const horizon = page.horizon();
    const limits = engine.interval(model, page.state.patient, horizon);
    const averaged = engine.averaged(model, page.state.patient).map(words.label);
    const over = averaged.length ? make("p", { id: "averaged" }, words.text("averaged", words.listed(averaged))) : null;
    const other = beside();
    const within = horizon === undefined ? null : make("p", { class: "within" }, words.by("by", horizon));
    const more = other?.more ? make("span", { class: "note" }, ` ${other.more}`) : null;
    place("answer").replaceChildren(...[
      make("p", { class: "risk" }, make("data", { id: "risk", value: String(risk) }, words.percent(risk))), within, over,
      strip(risk, limits, other),
      make("p", { class: "key" }, glyph("own"), make("span", {}, intervalText(limits, averaged))),
      other ? make("p", { class: "key" }, glyph("other"), make("span", {}, other.said, more)) : null,
    ].filter(Boolean));
    place("figures").replaceChildren(...[...figures(risk), similar()].filter(Boolean));
  }

  function bar(risk, flags) {
    const { words } = page;
    const count = flags.filter(({ kind }) => kind === "missing").length;
    const wanted = count ? words.text("still", count) : words.text("one-needed");
    const said = risk === null ? wanted : words.percent(risk);
    place("bar").replaceChildren(make("span", {}, words.text("answer")), make("strong", {}, said));
  }

  function show(risk, flags) {
    if (risk === null) {
      place("answer").replaceChildren(...needed(flags));
      place("figures").replaceChildren();
    } else answered(risk);
    place("flags").replaceChildren(...warnings(flags));
    bar(risk, flags);
  }

  function draw() {
    place("answer-heading").textContent = page.words.text("answer");
    place("horizons").replaceChildren(...horizons());
  }

  place("bar").addEventListener("click", () => place("answer-heading").scrollIntoView());
  return { draw, show };
};

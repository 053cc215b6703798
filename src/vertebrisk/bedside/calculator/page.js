(() => {
  "use strict";

  const engine = vertebriskEngine;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const model = engine.prepare(read("payload"));
  const catalogue = read("messages");
  const { predictors } = model.design;
  const strata = (model.strata || []).filter(({ name }) => !predictors.some((each) => each.name === name));
  const inputs = [...predictors, ...strata.map(({ name, levels }) => ({ name, label: name, levels }))];
  const byName = new Map(inputs.map((each) => [each.name, each]));
  const patient = {};
  const NAMESPACE = "http" + "://www.w3.org/2000/svg";
  let language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

  const $ = (id) => document.getElementById(id);
  const text = (key, ...values) => catalogue[language][key].replace(/\{(\d)\}/g, (_, i) => values[i]);

  function make(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  }

  function draw(name, attributes, ...children) {
    const made = document.createElementNS(NAMESPACE, name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  }

  const label = (name) => byName.get(name)?.label || name;
  const number = (value) => String(Number(Number(value).toPrecision(6)));
  const unit = () => catalogue[language][model.time_unit] || model.time_unit || "";
  const by = (key, horizon) => text(key, number(horizon), unit());

  function shown(name, value, bare = false) {
    const input = byName.get(name);
    const place = input.levels.indexOf(String(value));
    if (place >= 0) return input.level_labels?.[place] || input.levels[place];
    const written = typeof value === "number" ? number(value) : String(value);
    return !bare && input.unit ? `${written} ${input.unit}` : written;
  }

  function percent(risk) {
    if (risk > 0 && risk < 0.001) return text("below", "0.1");
    if (risk < 1 && risk > 0.999) return text("above", "99.9");
    return text("percent", (100 * risk).toFixed(1));
  }

  const mark = (risk) => text("percent", number(100 * risk));
  const words = { text, label, shown, percent: mark, number, unit, by };

  function choiceInput(input, place) {
    const choices = input.levels.map((level, i) => {
      const button = make("input", { type: "radio", name: `input-${place}`, value: level, required: "" });
      button.checked = patient[input.name] === level;
      button.addEventListener("change", () => change({ [input.name]: level }));
      return make("label", {}, button, make("span", {}, input.level_labels?.[i] || level));
    });
    const hint = input.definition ? [make("p", { class: "hint" }, input.definition)] : [];
    return make("fieldset", { "data-input": input.name }, make("legend", {}, label(input.name)), ...hint, make("div", { class: "choices" }, ...choices));
  }

  function numberInput(input, place) {
    const id = `input-${place}`;
    const field = make("input", { id, type: "text", inputmode: "decimal", required: "", "aria-describedby": `${id}-hint ${id}-problem` });
    field.value = patient[input.name] ?? "";
    field.addEventListener("input", () => change({ [input.name]: field.value.trim() === "" ? null : field.value.trim() }, true));
    const range = input.limits ? text("range", ...input.limits.map(number), input.unit ? ` ${input.unit}` : "") : "";
    return make("div", { class: "number", "data-input": input.name },
      make("label", { for: id }, label(input.name)),
      make("p", { class: "hint", id: `${id}-hint` }, [input.definition, range].filter(Boolean).join(". ")),
      make("div", { class: "entry" }, field, make("span", {}, input.unit || "")),
      make("p", { class: "problem", id: `${id}-problem`, hidden: "" }));
  }

  function drawInputs() {
    const clear = make("button", { type: "button", id: "clear" }, text("clear"));
    clear.addEventListener("click", () => {
      Object.keys(patient).forEach((name) => delete patient[name]);
      drawAll();
    });
    const fields = inputs.map((each, i) => (each.levels.length ? choiceInput(each, i) : numberInput(each, i)));
    $("inputs").replaceChildren(make("h2", {}, text("inputs")), ...fields, clear);
  }

  function syncInputs() {
    inputs.forEach((input, i) => {
      if (input.levels.length) {
        document.getElementsByName(`input-${i}`).forEach((each) => {
          each.checked = each.value === String(patient[input.name] ?? "");
        });
      } else $(`input-${i}`).value = patient[input.name] ?? "";
    });
  }

  function change(changes, typed = false) {
    Object.assign(patient, changes);
    if (!typed) syncInputs();
    drawAnswer();
    drawNomogram();
  }

  const flagText = ({ kind, name }) => text(kind, label(name));

  function showProblems(flags) {
    inputs.forEach((input, i) => {
      if (input.levels.length) return;
      const own = flags.find((each) => each.name === input.name && each.kind !== "missing");
      const problem = $(`input-${i}-problem`);
      problem.hidden = !own;
      problem.textContent = own ? flagText(own) : "";
      $(`input-${i}`).setAttribute("aria-invalid", String(own?.kind === "not-a-number"));
    });
  }

  const few = (count) => (count < 5 ? text("few") : String(count));

  function averageText(horizon) {
    const { n, n_events: events, prevalence, design } = model.population;
    if (model.kind !== "logistic") {
      const typical = { ...engine.reference(model), ...Object.fromEntries(strata.map(({ name }) => [name, patient[name]])) };
      return text("typical", percent(engine.risk(model, typical, horizon)), few(events), n);
    }
    if (prevalence !== null) return text("average-prevalence", percent(prevalence));
    if (!n) return "";
    if (design === "case-control") return text("average-sample", percent(events / n));
    return text("average", percent(events / n), few(events), n);
  }

  function intervalText(horizon) {
    const found = engine.interval(model, patient, horizon);
    if (found) return text("interval", percent(found.low), percent(found.high));
    return text(model.interval_kind === "none" ? "no-interval" : "no-interval-here");
  }

  function hundred(risk) {
    const count = Math.round(100 * risk);
    const said = count === 0 ? text("hundred-few") : text("hundred", count);
    const figures = Array.from({ length: 100 }, (_, i) => {
      const [x, y] = [(i % 20) * 17 + 8, Math.floor(i / 20) * 26 + 5];
      return draw("path", {
        class: i < count ? "on" : "off",
        d: `M${x - 3.2} ${y}a3.2 3.2 0 1 1 6.4 0a3.2 3.2 0 1 1-6.4 0M${x - 5} ${y + 15}v-6a5 5 0 0 1 10 0v6z`,
      });
    });
    const svg = draw("svg", { class: "figures", viewBox: "0 0 340 130", role: "img", "aria-label": said }, ...figures);
    return [svg, make("p", {}, make("strong", {}, said))];
  }

  const ratioKey = { logistic: "odds", cox: "hazard" };

  function ratio(contribution) {
    if (Math.abs(contribution) < 1e-9) return text("same");
    return text(ratioKey[model.kind] || "subhazard", Math.exp(contribution).toPrecision(3));
  }

  function factorRows() {
    const own = engine.points(model, patient) || [];
    const groups = [...engine.drivers(model, patient)].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
    return groups.map(({ variables, contribution }) => {
      const points = own.find((each) => variables.includes(each.variable));
      return make("tr", {},
        make("th", { scope: "row" }, variables.map(label).join(text("with"))),
        make("td", {}, variables.map((name) => shown(name, patient[name])).join(text("comma"))),
        make("td", { class: "n" }, points ? points.points.toFixed(0) : "–"),
        make("td", { class: "n" }, ratio(contribution)));
    });
  }

  function factorTable() {
    const column = (key, n) => make("th", n ? { scope: "col", class: "n" } : { scope: "col" }, text(key));
    const total = engine.total(model, patient);
    const foot = total === null ? [] : [make("tr", {}, make("th", { scope: "row" }, text("total")), make("td", {}),
      make("td", { class: "n" }, total.toFixed(0)), make("td", {}))];
    const reference = engine.reference(model);
    const said = predictors.map(({ name }) => text("colon", label(name), shown(name, reference[name]))).join(text("comma"));
    return [make("h3", {}, text("factors")),
      make("table", {}, make("thead", {}, make("tr", {}, column("factor"), column("value"), column("points", true), column("against", true))),
        make("tbody", {}, ...factorRows(), ...foot)),
      make("p", { class: "note" }, text("reference", said))];
  }

  function flagList(flags) {
    const said = flags.filter(({ kind }) => kind !== "missing").map(flagText);
    return said.length ? [make("ul", { class: "flags" }, ...said.map((each) => make("li", {}, each)))] : [];
  }

  function drawWanted(flags) {
    const missing = flags.filter(({ kind }) => kind === "missing").map(({ name }) => make("li", {}, label(name)));
    $("answer").replaceChildren(
      ...(missing.length ? [make("p", {}, text("needed")), make("ul", { class: "wanted" }, ...missing)] : []), ...flagList(flags));
    $("more").replaceChildren();
    $("curve").replaceChildren();
  }

  function drawAnswer() {
    const horizon = model.horizons ? model.horizons[model.horizons.length - 1] : undefined;
    const flags = engine.flags(model, patient, horizon);
    const risk = engine.risk(model, patient, horizon);
    document.body.classList.toggle("answered", risk !== null);
    showProblems(flags);
    if (risk === null) {
      drawWanted(flags);
      return;
    }
    const within = horizon === undefined ? [] : [make("p", {}, make("strong", {}, by("by", horizon)))];
    $("answer").replaceChildren(
      make("p", { class: "risk" }, make("data", { id: "risk", value: String(risk) }, percent(risk))), ...within,
      make("p", {}, intervalText(horizon)), make("p", {}, averageText(horizon)), ...flagList(flags));
    $("more").replaceChildren(...hundred(risk), ...factorTable());
    drawCurve();
  }

  function drawCurve() {
    const points = engine.curve(model, patient);
    if (!points.length) {
      $("curve").replaceChildren();
      return;
    }
    const last = points[points.length - 1];
    const top = Math.min(1, 1.1 * Math.max(...points.map((each) => each.high ?? each.risk)) || 1);
    const x = (time) => 44 + (340 * time) / last.time;
    const y = (risk) => 160 - (150 * risk) / top;
    const path = (list, key) => list.map((each, i) => `${i ? "L" : "M"}${x(each.time).toFixed(1)} ${y(each[key]).toFixed(1)}`).join("");
    const known = points.filter((each) => each.high !== null);
    const band = known.length > 2 ? [draw("path", { class: "band", d: path(known, "high") + path([...known].reverse(), "low").replace("M", "L") + "z" })] : [];
    const ticks = [0, top / 2, top].map((each) => draw("text", { class: "tick", x: 40, y: y(each) + 4, "text-anchor": "end" }, text("percent", (100 * each).toPrecision(2))));
    const horizons = model.horizons.flatMap((each) => {
      const at = engine.risk(model, patient, each);
      const foot = draw("text", { class: "tick", x: x(each), y: 176, "text-anchor": "middle" }, number(each));
      return at === null ? [foot] : [foot, draw("path", { class: "plumb", d: `M${x(each)} 160V${y(at)}` }), draw("circle", { class: "mark", cx: x(each), cy: y(at), r: 5 })];
    });
    const svg = draw("svg", { viewBox: "0 0 400 182", role: "img", "aria-label": text("over-time") }, ...band,
      draw("path", { class: "axis", d: "M44 10V160H384" }), draw("path", { class: "line", d: path(points, "risk") }), ...ticks, ...horizons);
    const rows = model.horizons.map((each) => {
      const [at, limits] = [engine.risk(model, patient, each), engine.interval(model, patient, each)];
      return make("tr", {}, make("th", { scope: "row" }, by("by", each)), make("td", { class: "n" }, at === null ? text("none") : percent(at)),
        make("td", { class: "n" }, limits ? `${percent(limits.low)} – ${percent(limits.high)}` : text("none")));
    });
    const column = (key, n) => make("th", n ? { scope: "col", class: "n" } : { scope: "col" }, text(key));
    const head = make("thead", {}, make("tr", {}, column("horizon"), column("risk", true), column("interval-short", true)));
    $("curve").replaceChildren(make("h3", {}, text("over-time")), svg, make("table", {}, head, make("tbody", {}, ...rows)));
  }

  function drawNomogram() {
    if (!model.nomogram) {
      $("nomogram").replaceChildren(make("p", {}, text("no-points", model.no_nomogram || "")));
      $("nomogram-help").hidden = true;
      return;
    }
    const focused = document.activeElement?.getAttribute("data-axis");
    const size = Math.max(280, Math.min($("nomogram").clientWidth, 1040));
    const svg = vertebriskNomogram(model, patient, size, words, (changes, place) => {
      change(changes);
      $("nomogram").querySelector(`[data-axis="${place}"]`)?.focus();
    });
    $("nomogram").replaceChildren(svg);
    if (focused) svg.querySelector(`[data-axis="${focused}"]`)?.focus();
  }

  function list(pairs) {
    return make("dl", {}, ...pairs.filter(([, value]) => value !== "" && value !== null && value !== undefined)
      .flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))]));
  }

  // Every single number or text of the validation, with the names that lead to it.
  function leaves(value, path = []) {
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return value.flatMap((each) => leaves(each, path));
    if (typeof value !== "object") return [[path.join(" ").replaceAll("_", " "), typeof value === "number" ? number(value) : value]];
    if ("measure" in value) return [[String(value.measure).replaceAll("_", " "), `${value.value} (${value.place})`]];
    return Object.entries(value).flatMap(([name, each]) => leaves(each, [...path, name]));
  }

  const folded = (key, ...children) => make("details", {}, make("summary", {}, text(key)), ...children);

  function drawAbout() {
    const { outcome, population, provenance } = model;
    const made = population.data_kind === "real" ? [] : [text("synthetic", population.data_kind)];
    const use = provenance.use_at && catalogue[language][provenance.use_at] ? [text("use-at", text(provenance.use_at))] : [];
    const limits = [...made, ...use, ...(population.description ? [text("population-line", population.description)] : []),
      ...(provenance.estimator === "published" ? [text("published")] : []), text("limits-text")];
    const { notes = [], ...performance } = model.performance;
    const results = leaves(performance);
    $("about").replaceChildren(
      folded("about-outcome", list([[text("outcome"), outcome.label || outcome.name], [text("event"), outcome.event], [text("time-point"), outcome.time_point],
        [text("patients"), population.n], [text("events"), few(population.n_events)], [text("population"), population.description], [text("design"), population.design]])),
      folded("about-validation", results.length ? list(results) : make("p", {}, text("no-validation"))),
      folded("about-source", list([[text("source"), provenance.title], [text("formula"), provenance.formula], [text("selection"), provenance.selection],
        [text("estimator"), provenance.estimator], [text("software"), provenance.software]])),
      folded("about-limits", ...[...limits, ...[notes].flat()].map((each) => make("p", {}, String(each)))));
    $("footer").replaceChildren(make("p", {}, ...made, " ", text("footer"), " ", text("id", model.id, model.version)));
  }

  function drawHead() {
    const { outcome, provenance } = model;
    document.documentElement.lang = text("tag");
    document.title = text("title", outcome.label || outcome.name);
    $("title").textContent = document.title;
    $("kicker").textContent = [text("model"), outcome.event, outcome.time_point].filter(Boolean).join(" · ");
    const known = provenance.use_at && catalogue[language][provenance.use_at];
    $("when").textContent = known ? text("use-at", known) : "";
    const other = language === "en" ? "zh" : "en";
    $("language").textContent = text("other");
    $("language").lang = catalogue[other].tag;
    ["answer", "nomogram"].forEach((each) => {
      $(`${each}-heading`).textContent = text(each);
    });
    $("nomogram-help").textContent = text("nomogram-help");
  }

  function drawAll() {
    drawHead();
    drawInputs();
    drawAnswer();
    drawNomogram();
    drawAbout();
  }

  $("language").addEventListener("click", () => {
    language = language === "en" ? "zh" : "en";
    drawAll();
  });
  $("inputs").addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("resize", drawNomogram);
  drawAll();
})();

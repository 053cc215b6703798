/*
 * The page: what is entered, and what follows from it. Nothing is stored or sent; a patient in
 * the address is read once and taken out of it.
 */
(() => {
  "use strict";

  const { make } = vertebriskDom;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const place = (id) => document.getElementById(id);
  const payload = read("payload");
  const catalogue = read("messages");
  const model = vertebriskEngine.prepare(payload);
  if (payload.draws) model.kept = [payload.draws.count, payload.draws.of];
  const { predictors } = model.design;
  const strata = model.strata || [];
  const alone = strata.filter(({ name }) => !predictors.some((each) => each.name === name));
  const inputs = [...predictors, ...alone.map(({ name, levels }) => ({ name, label: name, levels }))];
  const byName = new Map(inputs.map((each) => [each.name, each]));
  const MOMENTS = ["preoperative", "intraoperative", "postoperative"];

  const state = {
    patient: {}, typed: {}, problems: {}, link: [], confirmed: new Set(), moment: null,
    horizon: model.horizons ? model.horizons[0] : undefined, unknown: new Set(),
  };
  let explaining = 0;
  const page = { model, inputs, strata, state, printing: false, room: {} };
  const speak = (language) => {
    page.words = vertebriskWords(model, inputs, catalogue, language);
  };
  speak(document.documentElement.lang.startsWith("zh") ? "zh" : "en");

  function enter(name, typed) {
    const empty = typed === null || typed === undefined;
    const { value, problem } = byName.get(name).levels.length || empty ? { value: typed ?? undefined } : vertebriskEntry.number(typed);
    delete state.patient[name];
    delete state.problems[name];
    delete state.typed[name];
    state.unknown.delete(name);
    if (!empty) state.typed[name] = typed;
    if (value !== undefined) state.patient[name] = value;
    if (problem) state.problems[name] = problem;
  }

  Object.assign(page, {
    horizon: () => state.horizon,
    focus: (name) => form.focus(name),
    change: (name, typed) => {
      enter(name, typed);
      show();
    },
    unknown: (name, ticked) => {
      enter(name, null);
      if (ticked) state.unknown.add(name);
      show();
    },
    averages: (input) => Boolean(model.missing_inputs) && predictors.includes(input),
    pick: (values) => {
      Object.entries(values).forEach(([name, value]) => enter(name, String(value)));
      show();
    },
    by: (horizon) => {
      state.horizon = horizon;
      show();
    },
    at: (moment) => {
      state.moment = moment;
      show();
    },
    confirm: (key, ticked) => {
      if (ticked) state.confirmed.add(key);
      else state.confirmed.delete(key);
      show();
    },
    clear: () => {
      inputs.forEach(({ name }) => enter(name, null));
      Object.assign(state, { link: [], confirmed: new Set(), moment: null });
      draw();
      form.focus(inputs[0].name);
    },
  });

  const form = vertebriskInputs(page);
  const answer = vertebriskAnswer(page);
  const factors = vertebriskFactors(page);
  const curve = vertebriskCurve(page);
  const nomogram = vertebriskNomogram(page);
  const about = vertebriskAbout(page);

  // Known later than now, or used before the model is meant to be.
  function untimely() {
    const { moment, patient } = state;
    if (moment === null) return [];
    const late = form.later(moment).filter(({ name }) => name in patient).map(({ name }) => ({ kind: "known-later", name }));
    const early = MOMENTS.indexOf(moment) < MOMENTS.indexOf(model.provenance.use_at);
    return early ? [{ kind: "too-early", name: "" }, ...late] : late;
  }

  function unconfirmed() {
    const { population } = model;
    const wanted = ["include", "exclude"].flatMap((kind) =>
      Array.from(page.words.of(population, kind), (text, i) => [`${kind}-${i}`, kind === "include" ? text : page.words.text("not", text)]));
    const open = wanted.filter(([key]) => !state.confirmed.has(key)).map(([, text]) => text);
    if (!open.length) return [];
    const value = open.length > 2 ? page.words.text("criteria", open.length, wanted.length) : open.join(page.words.text("semicolon"));
    return [{ kind: "not-confirmed", name: "", value }];
  }

  function flagged(risk) {
    const found = vertebriskEngine.flags(model, state.patient, state.horizon);
    if (risk !== null) return [...found, ...untimely(), ...unconfirmed()];
    const asked = found.map((flag) => (flag.kind === "averaged" ? { ...flag, kind: "missing" } : flag));
    const own = asked.filter(({ kind, name }) => kind !== "missing" || !state.unknown.has(name)).map((flag) =>
      (flag.kind === "missing" && state.problems[flag.name] ? { ...flag, kind: state.problems[flag.name] } : flag));
    if (nothing()) own.push({ kind: "one-needed", name: "" });
    const unknown = own.filter(({ kind }) => kind !== "extrapolation");
    const whole = inputs.every(({ name }) => name in state.patient);
    const outside = whole && vertebriskEngine.linearPredictor(model, state.patient) === null;
    return outside && !unknown.length ? [{ kind: "outside-domain", name: "" }] : unknown;
  }

  // True where an input is neither given nor said to be unknown: nothing is averaged in silence.
  const waits = () => inputs.some(({ name }) => !(name in state.patient) && !state.unknown.has(name));
  const nothing = () => state.unknown.size > 0 && predictors.every(({ name }) => state.unknown.has(name));

  function show() {
    const risk = waits() ? null : vertebriskEngine.risk(model, state.patient, state.horizon);
    const flags = flagged(risk);
    document.body.classList.toggle("answered", risk !== null);
    form.show(flags);
    answer.show(risk, flags);
    curve.show(risk);
    nomogram.show();
    explain(risk);
  }

  // Averages over many other patients take their time: the answer is painted before them.
  function explain(risk) {
    clearTimeout(explaining);
    const averaged = risk !== null && vertebriskEngine.averaged(model, state.patient).length > 0;
    factors.show(averaged ? null : risk);
    if (averaged) explaining = setTimeout(() => factors.show(risk));
  }

  // Asked for when it may have changed, so that an answer waits for no layout.
  function measured() {
    page.room = { answer: place("answer").clientWidth, chart: place("chart").clientWidth };
    nomogram.draw(page.printing ? 720 : place("nomogram").clientWidth);
  }

  function link() {
    const said = state.link.map(({ kind, name, value }) =>
      make("li", {}, page.words.text(kind, byName.has(name) ? page.words.label(name) : name, value)));
    place("link").replaceChildren(...said);
    place("link").hidden = !said.length;
  }

  function draw() {
    const other = page.words.language === "en" ? "zh" : "en";
    place("language").textContent = page.words.text("other");
    place("language").lang = catalogue[other].tag;
    about.draw();
    link();
    form.draw();
    answer.draw();
    measured();
    show();
  }

  function takeLink() {
    if (location.hash.length < 2) return;
    const { values, problems } = vertebriskEntry.fragment(location.hash, inputs);
    inputs.forEach(({ name }) => enter(name, values[name] ?? null));
    state.link = problems;
    history.replaceState(null, "", location.href.split("#")[0]);
  }

  place("language").addEventListener("click", () => {
    speak(page.words.language === "en" ? "zh" : "en");
    draw();
  });
  window.addEventListener("resize", () => {
    measured();
    show();
  });
  window.addEventListener("hashchange", () => {
    takeLink();
    draw();
  });
  ["beforeprint", "afterprint"].forEach((name) => window.addEventListener(name, () => {
    page.printing = name === "beforeprint";
    measured();
  }));
  takeLink();
  draw();
})();

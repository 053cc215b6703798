/*
 * What stands behind the model: outcome, population, validation, provenance, limits.
 *
 *   vertebriskAbout(page)   page: {model, words}
 *     draw()                head, folded sections and footer
 */
const vertebriskAbout = (page) => {
  "use strict";

  const { make, table, row } = vertebriskDom;
  const { model } = page;
  const { outcome, population, provenance, performance } = model;
  const place = (id) => document.getElementById(id);

  const few = (count) => (count < 5 ? page.words.text("few") : String(count));
  const criteria = (kind) => Array.from(page.words.of(population, kind) || []);
  const measure = (name) => {
    const { words } = page;
    return words.text(words.has(`measure-${name}`) ? `measure-${name}` : name);
  };
  const figure = (value) => (typeof value === "number" ? page.words.number(Number(value.toPrecision(3))) : page.words.text("none"));

  function list(pairs) {
    const known = pairs.filter(([, value]) => value !== "" && value !== null && value !== undefined);
    return make("dl", {}, ...known.flatMap(([name, value]) => [make("dt", {}, page.words.text(name)), make("dd", {}, String(value))]));
  }

  const folded = (key, ...children) =>
    make("details", {}, make("summary", {}, page.words.text(key)), make("div", { class: "inside" }, ...children));

  function resampled() {
    const { words } = page;
    const rows = performance.measures.map((each) => {
      const known = typeof each.conf_low === "number" && typeof each.conf_high === "number";
      const between = known ? words.text("between", figure(each.conf_low), figure(each.conf_high)) : words.text("none");
      return row(measure(each.measure), [figure(each.apparent), "n"], [figure(each.corrected), "n"], [between, "n"]);
    });
    const { method } = performance;
    const head = [words.text("measure"), [words.text("apparent"), "n"], [words.text(method ? "estimated" : "corrected"), "n"], [words.text("interval-short"), "n"]];
    const counted = [performance.resamples ?? "", words.text(performance.procedure ?? "")];
    const how = method ? words.text("validated", words.text(`method-${method}`), ...counted) : words.text("resampled", ...counted);
    return [make("p", {}, how), table(head, rows)];
  }

  function printed() {
    const { words } = page;
    const rows = performance.published.map((each) => row(measure(each.measure), [String(each.value), "n"], String(each.place ?? "")));
    return [make("p", {}, words.text("as-printed")), table([words.text("measure"), [words.text("value"), "n"], words.text("place")], rows)];
  }

  function validation() {
    if (performance.measures?.length) return resampled();
    if (performance.published?.length) return printed();
    return [make("p", {}, page.words.text("no-validation"))];
  }

  const defined = () => page.words.of(outcome, "definition") || outcome.event.replaceAll(">=", "\u2265").replaceAll("<=", "\u2264");
  const real = () => population.data_kind === "real";
  const updates = () => (model.updates ?? []).map((each) => page.words.of(each, "text"));
  const unreal = () => page.words.text("unreal", page.words.text(population.data_kind));

  function limits() {
    const { words } = page;
    const own = [performance.notes ?? []].flat().map(String);
    const said = [real() ? "" : unreal(), provenance.use_at ? words.text("use-at", words.text(provenance.use_at)) : "",
      provenance.estimator === "published" ? words.text("published-limit") : "",
      population.design === "case-control" ? words.text("sampled-limit") : "",
      model.missing_inputs ? words.text("average-limit") : "", words.text("limits-text"), ...own];
    return said.filter(Boolean).map((each) => make("p", {}, each));
  }

  function intervals() {
    const { words } = page;
    if (model.kept) return words.text("draws", ...model.kept);
    return words.text(`interval-${model.interval_kind}`);
  }

  function sections() {
    const { words } = page;
    const inclusion = criteria("include");
    const description = inclusion.length ? inclusion.join(words.text("semicolon")) : words.of(population, "description");
    return [
      folded("about-outcome", list([["outcome", words.of(outcome, "label") || outcome.name],
        ["definition", defined()], ["time-point", words.of(outcome, "time_point")],
        ["patients", population.n], ["events", few(population.n_events)], ["design", population.design && words.text(population.design)],
        ["population", description], ["excluded", criteria("exclude").join(words.text("semicolon"))]])),
      folded("about-validation", ...validation()),
      folded("about-source", list([["source", words.of(provenance, "title")], ["formula", provenance.formula],
        ["selection", provenance.selection && words.text(provenance.selection)], ["estimator", words.text(provenance.estimator)],
        ["intervals", intervals()], ["updated", updates().join(" ")], ["software", provenance.software]])),
      folded("about-limits", ...limits()),
    ];
  }

  function draw() {
    const { words } = page;
    const title = words.of(outcome, "label") || outcome.name;
    const when = provenance.use_at ? words.text("use-at", words.text(provenance.use_at)) : "";
    document.documentElement.lang = words.text("tag");
    document.title = words.text("title", title);
    place("kicker").textContent = words.text("kicker");
    place("title").textContent = title;
    place("definition").textContent = [defined(), words.of(outcome, "time_point")].filter(Boolean).join(" \u00b7 ");
    place("when").textContent = [when, ...updates().slice(-1)].filter(Boolean).join(" \u00b7 ");
    place("unreal").textContent = real() ? "" : unreal();
    place("unreal").hidden = real();
    place("nomogram-heading").textContent = words.text("nomogram");
    place("nomogram-help").textContent = words.text("nomogram-help");
    place("about").replaceChildren(make("h2", {}, words.text("about")), ...sections());
    place("footer").replaceChildren(make("p", {}, words.text("footer")), make("p", {}, words.text("id", model.id, model.version)));
  }

  return { draw };
};

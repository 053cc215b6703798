/*
 * The arithmetic of the calculator, equal to vertebrisk's Python to 1e-12. No dependency, no DOM,
 * no state. The payload is described in docs/formats.md.
 *
 * A patient is an object from names of predictors (and strata) to values: a number or its text;
 * the text of a level. Nothing is assumed for a value that is missing (absent, null or ""): what
 * needs it is null, and `flags` says so. Where the model has models of its inputs and one at least
 * is known, risk and interval are averaged over what is missing. A horizon left out is the
 * model's first.
 *
 *   prepare(payload)                 the model that all others take, its numbers unpacked
 *   columns(design, patient)         columns of the design in the order of beta; NaN if unknown
 *   linearPredictor(model, patient)  number or null
 *   risk(model, patient, horizon)    0 to 1 or null
 *   interval(model, patient, horizon, level = 0.95)
 *                                    {low, high} of the risk, or null where there is none: draws
 *                                    give any level, but only the model's horizons
 *   points(model, patient)           [{variable, axis, points}], one a predictor or group of
 *                                    interacting ones; axis: place in nomogram.axes of the one
 *                                    that holds; points null if an input is missing. null
 *                                    without a nomogram
 *   total(model, patient)            total points or null
 *   curve(model, patient)            [{time, risk, low, high}] from 0 over the stratum's grid
 *   drivers(model, patient)          [{variables, contribution}]: what a predictor (or group of
 *                                    interacting ones) adds to the linear predictor beyond the
 *                                    reference patient's
 *   reference(model)                 the patient who has `adjust_to` of every predictor
 *   similar(model, patient)          {least, most, variables}: how many patients like this one the
 *                                    model was made from, compared in these variables; 0 to 4 are
 *                                    fewer than five, most is null for the open band. null if a
 *                                    compared value is missing or the model knows of no patients
 *   averaged(model, patient)         names of the inputs that the risk is averaged over
 *   flags(model, patient, horizon)   [{kind, name}]: sample-risk, unknown-level, not-a-number,
 *                                    missing, averaged, extrapolation, outside-domain, impossible (name:
 *                                    the reason, rule: its place in consistency), unknown-stratum,
 *                                    beyond-stratum, beyond-follow-up
 */
const vertebriskEngine = (() => {
  "use strict";

  const { prepare } = vertebriskUnpacking;
  const { code, columns } = vertebriskDesign;
  const { effects, linearPredictor, risk, interval, curve, numberOrNull } = vertebriskRisks;
  const { flags } = vertebriskRemarks;

  function points(model, patient) {
    if (!model.nomogram) return null;
    const { axes, points_per_unit: unit } = model.nomogram;
    const contribution = effects(model, patient);
    const byName = new Map(model.design.predictors.map((each) => [each.name, each]));
    const same = ([name, value]) =>
      code(byName.get(name), { [name]: value }) === code(byName.get(name), patient);
    return [...new Set(axes.map((axis) => axis.variable))].map((variable) => {
      const own = axes.flatMap((axis, place) => (axis.variable === variable ? [place] : []));
      const axis = own.find((place) => axes[place].held.every(same)) ?? own[0];
      const effect = axes[axis].terms.reduce((sum, term) => sum + contribution[term], 0);
      return { variable, axis, points: numberOrNull((effect - axes[axis].lowest) * unit) };
    });
  }

  function total(model, patient) {
    const linear = linearPredictor(model, patient);
    if (!model.nomogram || linear === null) return null;
    return (linear - model.nomogram.zero) * model.nomogram.points_per_unit;
  }

  const reference = (model) =>
    Object.fromEntries(model.design.predictors.map((each) => [each.name, each.adjust_to]));

  // Places of predictors that share terms, together.
  function groups(design) {
    const own = design.predictors.map((_, place) => new Set([place]));
    for (const term of design.terms) {
      const joined = new Set(term.flatMap(({ predictor }) => [...own[predictor]]));
      joined.forEach((place) => {
        own[place] = joined;
      });
    }
    return [...new Set(own)].map((group) => [...group].sort((a, b) => a - b));
  }

  function drivers(model, patient) {
    const mine = effects(model, patient);
    const theirs = effects(model, reference(model));
    return groups(model.design).map((group) => {
      const own = model.design.terms.flatMap((term, place) =>
        group.includes(term[0].predictor) ? [mine[place] - theirs[place]] : [],
      );
      return {
        variables: group.map((place) => model.design.predictors[place].name),
        contribution: numberOrNull(own.reduce((sum, each) => sum + each, 0)),
      };
    });
  }

  const LEAST_OF_BANDS = [5, 10, 20, 50, 100];

  function similar(model, patient) {
    const seen = model.similar_patients;
    if (!seen) return null;
    const byName = new Map(model.design.predictors.map((each) => [each.name, each]));
    const places = seen.variables.map(({ name, edges }) => {
      const value = code(byName.get(name), patient);
      return edges && !Number.isNaN(value) ? edges.filter((edge) => value >= edge).length : value;
    });
    if (places.some(Number.isNaN)) return null;
    const least = seen.cells[places.join(",")] ?? 0;
    const next = LEAST_OF_BANDS.find((each) => each > least);
    const variables = seen.variables.map(({ name }) => name);
    return { least, most: next === undefined ? null : next - 1, variables };
  }

  const averaged = vertebriskFilling.missing;
  const asking = { columns, averaged, linearPredictor, risk, interval, points, total };
  return Object.freeze({ prepare, ...asking, curve, drivers, reference, similar, flags });
})();

/*
 * Linear predictor, risk and interval of a patient, and the risk over time.
 *
 *   effects(model, patient)          contribution of every term to the linear predictor
 *   linearPredictor, risk, interval, curve
 *                                    as the head of engine.js has them
 *   asked(model, horizon)            the horizon, or the model's first
 *   stratum(model, patient)          its values of the strata, "" where missing
 *   baselineOf(model, patient)       its baseline, if the model has it
 *   numberOrNull(value)              null in place of NaN
 */
const vertebriskRisks = (() => {
  "use strict";

  const { isMissing, codes, termColumns, columns } = vertebriskDesign;
  const QUANTILE_975 = 1.959963984540054;
  const LARGEST_EXPONENT = 700;

  const dot = (left, right) => left.reduce((sum, each, i) => sum + each * right[i], 0);

  // Contribution of every term to the linear predictor.
  function effects(model, patient) {
    const values = codes(model.design, patient);
    let start = 0;
    return model.design.terms.map((term) => {
      const own = termColumns(term, values);
      const effect = dot(own, model.beta.slice(start, start + own.length));
      start += own.length;
      return effect;
    });
  }

  const numberOrNull = (value) => (Number.isNaN(value) ? null : value);

  const linearPredictor = (model, patient) =>
    numberOrNull(model.intercept + dot(columns(model.design, patient), model.beta));

  function expit(linear) {
    if (linear >= 0) return 1 / (1 + Math.exp(-linear));
    const odds = Math.exp(linear);
    return odds / (1 + odds);
  }

  const ofLogHazard = (log) => -Math.expm1(-Math.exp(Math.min(log, LARGEST_EXPONENT)));

  const stratum = (model, patient) =>
    model.strata.map(({ name }) => (isMissing(patient[name]) ? "" : String(patient[name])));

  const baselineOf = (model, patient) =>
    model.baselines.find((each) => each.stratum === stratum(model, patient).join(", "));

  // How to read a column that is known at times, at one of them or between two.
  function interpolation(at, times) {
    const after = times.findIndex((time) => time >= at);
    if (times[after] === at || after === 0) return (read) => read(after);
    const share = (at - times[after - 1]) / (times[after] - times[after - 1]);
    return (read) => read(after - 1) + share * (read(after) - read(after - 1));
  }

  // The patient's baseline at a horizon, or null where nothing is known there.
  function baselineAt(model, patient, horizon) {
    const baseline = baselineOf(model, patient);
    if (!baseline || !(horizon > 0 && horizon <= baseline.limit)) return null;
    const between = interpolation(horizon, baseline.times);
    return {
      place: model.baselines.indexOf(baseline),
      hazard: between((i) => baseline.hazard[i]),
      variance: baseline.variance && between((i) => baseline.variance[i]),
      mean: model.beta.map((_, column) => between((i) => baseline.mean[i][column])),
    };
  }

  const asked = (model, horizon) => horizon ?? model.horizons?.[0];

  function risk(model, patient, horizon) {
    const linear = linearPredictor(model, patient);
    if (linear === null) return null;
    if (model.kind === "logistic") return expit(linear);
    const baseline = baselineAt(model, patient, asked(model, horizon));
    return baseline && ofLogHazard(linear + Math.log(baseline.hazard));
  }

  const quadratic = (matrix, vector) => dot(vector, matrix.map((row) => dot(row, vector)));

  function percentiles(values, level) {
    const sorted = Float64Array.from(values).sort();
    const quantile = (share) => {
      const place = share * (sorted.length - 1);
      const below = Math.floor(place);
      const above = Math.min(below + 1, sorted.length - 1);
      return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    };
    const tail = (1 - level) / 2;
    return { low: quantile(tail), high: quantile(1 - tail) };
  }

  function around(centre, variance) {
    const reach = QUANTILE_975 * Math.sqrt(Math.max(variance, 0));
    return { low: centre - reach, high: centre + reach };
  }

  function logisticLimits(model, x, level) {
    const row = [1, ...x];
    if (model.draws) return percentiles(model.draws.map((draw) => dot(draw, row)), level);
    return around(model.intercept + dot(x, model.beta), quadratic(model.covariance, row));
  }

  // Limits of the logarithm of the cumulative hazard.
  function hazardLimits(model, x, baseline, horizon, level) {
    if (model.draws) {
      const position = model.horizons.indexOf(horizon);
      if (position < 0) return null;
      const place = x.length + baseline.place * model.horizons.length + position;
      return percentiles(model.draws.map((draw) => draw[place] + dot(x, draw)), level);
    }
    const gap = x.map((each, i) => each - baseline.mean[i] / baseline.hazard);
    const spread = baseline.variance / baseline.hazard ** 2 + quadratic(model.covariance, gap);
    return around(dot(x, model.beta) + Math.log(baseline.hazard), spread);
  }

  function interval(model, patient, horizon, level = 0.95) {
    const fixed = model.interval_kind === "model-based" && level !== 0.95;
    if (model.interval_kind === "none" || fixed || !(level > 0 && level < 1)) return null;
    const x = columns(model.design, patient);
    if (x.some(Number.isNaN)) return null;
    if (model.kind === "logistic") {
      const { low, high } = logisticLimits(model, x, level);
      return { low: expit(low), high: expit(high) };
    }
    const by = asked(model, horizon);
    const baseline = baselineAt(model, patient, by);
    if (!baseline || baseline.hazard === 0) return null;
    const limits = hazardLimits(model, x, baseline, by, level);
    return limits && { low: ofLogHazard(limits.low), high: ofLogHazard(limits.high) };
  }

  function curve(model, patient) {
    if (model.kind === "logistic" || linearPredictor(model, patient) === null) return [];
    const baseline = baselineOf(model, patient);
    if (!baseline) return [];
    const at = (time) => {
      const { low, high } = interval(model, patient, time) || { low: null, high: null };
      return { time, risk: risk(model, patient, time), low, high };
    };
    return [{ time: 0, risk: 0, low: 0, high: 0 }, ...baseline.times.slice(1).map(at)];
  }

  const asking = { effects, linearPredictor, risk, interval, curve };
  return Object.freeze({ ...asking, asked, stratum, baselineOf, numberOrNull });
})();

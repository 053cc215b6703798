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

  const { isMissing, codes, termColumns } = vertebriskDesign;
  const QUANTILE_975 = 1.959963984540054;
  const LARGEST_EXPONENT = 700;
  const FEWEST_PAIRS = 4;

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
    numberOrNull(model.intercept + dot(vertebriskDesign.columns(model.design, patient), model.beta));

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

  // Where limits are made: log-odds, or the logarithm of the cumulative hazard by a horizon.
  function scaleOf(model, patient, by) {
    if (model.kind === "logistic") return { baseline: null, shift: model.intercept, risk: expit };
    const baseline = baselineAt(model, patient, by);
    return baseline && { baseline, shift: Math.log(baseline.hazard), risk: ofLogHazard };
  }

  function risk(model, patient, horizon) {
    const columns = vertebriskFilling.columns(model, patient);
    const scale = columns && scaleOf(model, patient, asked(model, horizon));
    if (!scale) return null;
    return columns.reduce((sum, x) => sum + scale.risk(dot(x, model.beta) + scale.shift), 0) / columns.length;
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

  function variance(model, { baseline }, x) {
    if (!baseline) return quadratic(model.covariance, [1, ...x]);
    const gap = x.map((each, i) => each - baseline.mean[i] / baseline.hazard);
    return baseline.variance / baseline.hazard ** 2 + quadratic(model.covariance, gap);
  }

  // What a coefficient draw makes of columns; null where the draws do not know the horizon.
  function drawnValue(model, { baseline }, by) {
    if (!baseline) return (draw, x) => dot([1, ...x], draw);
    const position = model.horizons.indexOf(by);
    if (position < 0) return null;
    const place = model.beta.length + baseline.place * model.horizons.length + position;
    return (draw, x) => draw[place] + dot(x, draw);
  }

  // Every coefficient draw meets as many input draws, in turn; a whole patient has one.
  function pairs(draws, columns, value) {
    const times = columns.length === 1 ? 1 : Math.max(FEWEST_PAIRS, Math.ceil(columns.length / draws.length));
    return draws.flatMap((draw, i) =>
      Array.from({ length: times }, (_, k) => value(draw, columns[(i * times + k) % columns.length])));
  }

  function limits(model, scale, columns, by, level) {
    if (model.draws) {
      const value = drawnValue(model, scale, by);
      return value && percentiles(pairs(model.draws, columns, value), level);
    }
    const centres = columns.map((x) => dot(x, model.beta) + scale.shift);
    const variances = columns.map((x) => variance(model, scale, x));
    if (columns.length === 1) return around(centres[0], variances[0]);
    const sds = variances.map((each) => Math.sqrt(Math.max(each, 0)));
    const end = (z) => vertebriskMixtures.quantile(centres, sds, z);
    return { low: end(-QUANTILE_975), high: end(QUANTILE_975) };
  }

  function interval(model, patient, horizon, level = 0.95) {
    const fixed = model.interval_kind === "model-based" && level !== 0.95;
    if (model.interval_kind === "none" || fixed || !(level > 0 && level < 1)) return null;
    const columns = vertebriskFilling.columns(model, patient);
    const by = asked(model, horizon);
    const scale = columns && scaleOf(model, patient, by);
    if (!scale || scale.baseline?.hazard === 0) return null;
    const found = limits(model, scale, columns, by, level);
    return found && { low: scale.risk(found.low), high: scale.risk(found.high) };
  }

  function curve(model, patient) {
    if (model.kind === "logistic" || !vertebriskFilling.columns(model, patient)) return [];
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

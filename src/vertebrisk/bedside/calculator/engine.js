/*
 * The arithmetic of the calculator, equal to vertebrisk's Python to 1e-12. No dependency, no DOM,
 * no state. The payload is described in docs/formats.md.
 *
 * A patient is an object from names of predictors (and strata) to values: a number or its text;
 * the text of a level. Nothing is assumed for a value that is missing (absent, null or ""): what
 * needs it is null, and `flags` says so. A horizon left out is the model's first.
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
 *   flags(model, patient, horizon)   [{kind, name}]: sample-risk, unknown-level, not-a-number,
 *                                    missing, extrapolation, outside-domain, impossible (name:
 *                                    the reason, rule: its place in consistency), unknown-stratum,
 *                                    beyond-stratum, beyond-follow-up
 */
const vertebriskEngine = (() => {
  "use strict";

  const QUANTILE_975 = 1.959963984540054;
  const LARGEST_EXPONENT = 700;
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

  const range = (size) => Array.from({ length: size }, (_, i) => i);

  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const doubles = (text) => {
    const view = new DataView(bytes(text).buffer);
    return range(view.byteLength / 8).map((i) => view.getFloat64(8 * i, true));
  };

  const rows = (values, width) =>
    range(values.length / width).map((i) => values.slice(i * width, (i + 1) * width));

  function square(lower, size) {
    const at = (i, j) => (i >= j ? lower[(i * (i + 1)) / 2 + j] : lower[(j * (j + 1)) / 2 + i]);
    return range(size).map((i) => range(size).map((j) => at(i, j)));
  }

  function unpackedDraws({ low, step, codes }) {
    const raw = bytes(codes);
    const values = range(raw.length / 3).map((i) => {
      const code = raw[3 * i] + 256 * raw[3 * i + 1] + 65536 * raw[3 * i + 2];
      return low[i % low.length] + step[i % low.length] * code;
    });
    return rows(values, low.length);
  }

  function unpackedBaseline(baseline, size) {
    const from0 = (text) => [0, ...doubles(text)];
    const exact = baseline.variance !== undefined;
    const times = from0(baseline.times);
    const means = exact && size ? rows(doubles(baseline.mean), size) : times.slice(1).map(() => []);
    return {
      stratum: baseline.stratum,
      times,
      hazard: from0(baseline.hazard),
      variance: exact ? from0(baseline.variance) : null,
      mean: [Array(size).fill(0), ...means],
      limit: times[times.length - 1],
    };
  }

  function prepare(payload) {
    const model = { ...payload };
    const size = payload.beta.length;
    if (payload.covariance !== undefined) {
      const width = payload.kind === "logistic" ? size + 1 : size;
      model.covariance = square(doubles(payload.covariance), width);
    }
    if (payload.draws !== undefined) model.draws = unpackedDraws(payload.draws);
    if (payload.baselines !== undefined) {
      model.baselines = payload.baselines.map((each) => unpackedBaseline(each, size));
    }
    return model;
  }

  const isMissing = (value) => value === undefined || value === null || value === "";

  // The value of an input, where a code that means missing is as good as none.
  function given(predictor, patient) {
    const value = Object.hasOwn(patient, predictor.name) ? patient[predictor.name] : null;
    if (isMissing(value) || Number.isNaN(value)) return null;
    return (predictor.missing || []).includes(String(value)) ? null : value;
  }

  // The number that stands for a value: the place of a level, or the number itself.
  function code(predictor, patient) {
    const value = given(predictor, patient);
    if (value === null) return NaN;
    if (predictor.levels.length) {
      const known = predictor.levels.indexOf(String(value));
      if (known >= 0) return known;
      const pair = (predictor.codes || []).find(
        ([written, level]) => written === String(value) && predictor.levels.includes(level),
      );
      return pair ? predictor.levels.indexOf(pair[1]) : NaN;
    }
    if (typeof value === "boolean") return value ? 1 : 0;
    const readable = typeof value === "number" || NUMBER.test(value);
    return readable && Number.isFinite(Number(value)) ? Number(value) : NaN;
  }

  const codes = (design, patient) => design.predictors.map((each) => code(each, patient));

  // Restricted cubic spline: the variable itself, then k - 2 columns, as Hmisc scales them.
  function spline(value, knots) {
    const last = knots[knots.length - 1];
    const before = knots[knots.length - 2];
    const scale = Math.pow(last - knots[0], 2 / 3);
    const cube = (knot) => Math.max((value - knot) / scale, 0) ** 3;
    const column = (knot) =>
      cube(knot) +
      ((before - knot) * cube(last) - (last - knot) * cube(before)) / (last - before);
    return [value, ...knots.slice(0, -2).map(column)];
  }

  function factorColumns(factor, value) {
    if (Number.isNaN(value)) return Array(width(factor)).fill(NaN);
    switch (factor.kind) {
      case "categorical":
        return range(factor.levels - 1).map((i) => (value === i + 1 ? 1 : 0));
      case "rcs":
        return spline(value, factor.knots);
      case "log":
        return [value > 0 ? Math.log(value) : NaN];
      case "sqrt":
        return [value >= 0 ? Math.sqrt(value) : NaN];
      case "power": {
        const powered = Math.pow(value, factor.exponent);
        return [Number.isFinite(powered) ? powered : NaN];
      }
      default:
        return [value];
    }
  }

  function width(factor) {
    if (factor.kind === "categorical") return factor.levels - 1;
    return factor.kind === "rcs" ? factor.knots.length - 1 : 1;
  }

  // Columns of a term; in an interaction those of the first factor vary fastest.
  const termColumns = (term, values) =>
    term
      .map((factor) => factorColumns(factor, values[factor.predictor]))
      .reduce((left, right) => right.flatMap((b) => left.map((a) => a * b)));

  function columns(design, patient) {
    const values = codes(design, patient);
    return design.terms.flatMap((term) => termColumns(term, values));
  }

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

  function inputFlags(predictor, patient) {
    const flag = (kind) => [{ kind, name: predictor.name }];
    if (given(predictor, patient) === null) return flag("missing");
    const value = code(predictor, patient);
    const categorical = predictor.levels.length > 0;
    if (Number.isNaN(value)) return flag(categorical ? "unknown-level" : "not-a-number");
    if (categorical || !predictor.limits) return [];
    const [low, high] = predictor.limits;
    return value < low || value > high ? flag("extrapolation") : [];
  }

  // Truth is 1, 0 or NaN where a missing value leaves it open, as in Python's conditions.
  const both = (left, right) => (left === 0 || right === 0 ? 0 : left * right);
  const opposite = (truth) => 1 - truth;
  const compared = (compare) => (left, right) =>
    Number.isFinite(left) && Number.isFinite(right) ? Number(compare(left, right)) : NaN;

  const OPERATIONS = {
    "==": compared((a, b) => a === b),
    "!=": compared((a, b) => a !== b),
    "<": compared((a, b) => a < b),
    "<=": compared((a, b) => a <= b),
    ">": compared((a, b) => a > b),
    ">=": compared((a, b) => a >= b),
    not: opposite,
    and: (...parts) => parts.reduce(both),
    or: (...parts) => opposite(parts.map(opposite).reduce(both)),
    "+": (a, b) => a + b,
    "-": (a, b) => (b === undefined ? -a : a - b),
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
    "**": (a, b) => a ** b,
    log: Math.log,
    sqrt: Math.sqrt,
    exp: Math.exp,
    abs: Math.abs,
    min: Math.min,
    max: Math.max,
    mean: (...parts) => parts.reduce((a, b) => a + b) / parts.length,
  };

  function truth(tree, values) {
    if (typeof tree === "number") return tree;
    if (typeof tree === "string") return values.get(tree);
    const [operator, ...operands] = tree;
    if (operator === "missing") return Number(Number.isNaN(values.get(operands[0])));
    return OPERATIONS[operator](...operands.map((each) => truth(each, values)));
  }

  function brokenRules(model, patient) {
    const values = new Map(model.design.predictors.map((each) => [each.name, code(each, patient)]));
    return model.consistency.flatMap(({ tree, reason }, rule) =>
      truth(tree, values) === 0 ? [{ kind: "impossible", name: reason, rule }] : [],
    );
  }

  function timeFlags(model, patient, horizon) {
    const missing = model.strata.filter(({ name }) => isMissing(patient[name]));
    if (missing.length) return missing.map(({ name }) => ({ kind: "missing", name }));
    const name = stratum(model, patient).join(", ");
    const baseline = baselineOf(model, patient);
    if (!baseline) return [{ kind: "unknown-stratum", name }];
    const by = asked(model, horizon);
    if (!(by > 0 && by <= model.limit)) return [{ kind: "beyond-follow-up", name: "" }];
    if (by <= baseline.limit || linearPredictor(model, patient) === null) return [];
    return [{ kind: "beyond-stratum", name }];
  }

  function flags(model, patient, horizon) {
    const { design: sampling, prevalence } = model.population;
    const sampled = sampling === "case-control" && prevalence === null;
    const found = sampled ? [{ kind: "sample-risk", name: "" }] : [];
    found.push(...model.design.predictors.flatMap((each) => inputFlags(each, patient)));
    if (linearPredictor(model, patient) === null && !found.length) {
      found.push({ kind: "outside-domain", name: "" });
    }
    found.push(...brokenRules(model, patient));
    return model.kind === "logistic" ? found : [...found, ...timeFlags(model, patient, horizon)];
  }

  const asking = { columns, linearPredictor, risk, interval, points, total };
  return Object.freeze({ prepare, ...asking, curve, drivers, reference, similar, flags });
})();

/*
 * What is to be said of a patient's inputs, as Python's `flags` of `predict`.
 *
 *   vertebriskRemarks.flags(model, patient, horizon)   as the head of engine.js has it
 */
const vertebriskRemarks = (() => {
  "use strict";

  const { isMissing, given, code } = vertebriskDesign;
  const { asked, stratum, baselineOf } = vertebriskRisks;

  function inputFlags(predictor, patient, averaged) {
    const flag = (kind) => [{ kind, name: predictor.name }];
    if (averaged.includes(predictor.name)) return flag("averaged");
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
    if (by <= baseline.limit || !vertebriskFilling.columns(model, patient)) return [];
    return [{ kind: "beyond-stratum", name }];
  }

  function flags(model, patient, horizon) {
    const { design: sampling, prevalence } = model.population;
    const sampled = sampling === "case-control" && prevalence === null;
    const found = sampled ? [{ kind: "sample-risk", name: "" }] : [];
    const averaged = vertebriskFilling.missing(model, patient);
    found.push(...model.design.predictors.flatMap((each) => inputFlags(each, patient, averaged)));
    const silent = averaged.length > 0 || !found.length;
    if (silent && !vertebriskFilling.columns(model, patient)) {
      found.push({ kind: "outside-domain", name: "" });
    }
    found.push(...brokenRules(model, patient));
    return model.kind === "logistic" ? found : [...found, ...timeFlags(model, patient, horizon)];
  }

  return Object.freeze({ flags });
})();

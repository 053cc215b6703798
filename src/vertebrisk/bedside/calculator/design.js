/*
 * What a patient's inputs are to the design of a model.
 *
 *   isMissing(value)                 true of undefined, null and ""
 *   given(predictor, patient)        the value of an input, or null
 *   code(predictor, patient)         the number that stands for it; NaN if unknown
 *   codes(design, patient)           those of all predictors
 *   termColumns(term, codes)         columns of a term of the design
 *   columns(design, patient)         columns of all terms, in the order of beta
 */
const vertebriskDesign = (() => {
  "use strict";

  const { range } = vertebriskUnpacking;
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

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

  // Fractional polynomial: powers of the shifted and scaled value, each with the number of
  // logarithms that multiply it.
  function fractional(value, factor) {
    const sized = (value + factor.shift) / factor.scale;
    if (!(sized > 0)) return factor.powers.map(() => NaN);
    const log = Math.log(sized);
    return factor.powers.map(([power, order]) =>
      power === 0 ? log ** (order + 1) : Math.pow(sized, power) * log ** order,
    );
  }

  function factorColumns(factor, value) {
    if (Number.isNaN(value)) return Array(width(factor)).fill(NaN);
    switch (factor.kind) {
      case "categorical":
        return range(factor.levels - 1).map((i) => (value === i + 1 ? 1 : 0));
      case "rcs":
        return spline(value, factor.knots);
      case "powers":
        return fractional(value, factor);
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
    if (factor.kind === "powers") return factor.powers.length;
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

  return Object.freeze({ isMissing, given, code, codes, termColumns, columns });
})();

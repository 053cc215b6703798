/*
 * Draws of a patient's missing inputs given the known ones, where the model has models of them;
 * the same as Python's kernels.imputation.sweeps, draw by draw.
 *
 *   vertebriskFilling.missing(model, patient)  names of the inputs to average over; none where
 *                                              all are known, none is, or one cannot be read
 *   vertebriskFilling.columns(model, patient)  columns of the design, once for a whole patient
 *                                              and else in every draw; null if the patient cannot
 *                                              be scored
 */
const vertebriskFilling = (() => {
  "use strict";

  const { range } = vertebriskUnpacking;
  const { given, codes, termColumns } = vertebriskDesign;
  const [DRAWS, SWEEPS, PLACE, STRIDES] = [1019, 12, 0.5000217, [13, 389, 617]];

  const inverses = [0, 1];
  for (let i = 2; i < DRAWS; i += 1) {
    inverses.push(((DRAWS - Math.floor(DRAWS / i)) * inverses[DRAWS % i]) % DRAWS);
  }
  const shares = range(DRAWS).map((place) => (place + PLACE) / DRAWS);
  let normals = null;
  let last = { model: null, key: "", columns: null };

  // Place of every draw in one step, each place once.
  function points(step) {
    const [first, second, third] = STRIDES.map((stride) => (stride * step) % DRAWS);
    const factor = (first % (DRAWS - 1)) + 1;
    return range(DRAWS).map((draw) => (factor * inverses[(draw + second) % DRAWS] + third) % DRAWS);
  }

  function column({ scale: [centre, spread, shift, side] }, number) {
    const value = side ? side * Math.log(side * (number - shift)) : number;
    return (value - centre) / spread;
  }

  function number({ scale: [centre, spread, shift, side] }, standard) {
    const value = centre + spread * standard;
    return side ? shift + side * Math.exp(side * value) : value;
  }

  const bounds = ({ limits, ticks }) => limits || [ticks[0], ticks[ticks.length - 1]];
  const clipped = (value, [low, high]) => Math.min(Math.max(value, low), high);
  const choices = ({ levels, ticks }) => (levels.length ? range(levels.length) : ticks);
  const width = ({ levels }) => (levels.length ? levels.length - 1 : 1);

  // Columns of one input in the regressions of the others.
  function own(input, predictor, code) {
    if (Number.isNaN(code)) return Array(width(predictor)).fill(0);
    if (predictor.levels.length) return range(predictor.levels.length - 1).map((i) => (code === i + 1 ? 1 : 0));
    return [column(input, code)];
  }

  function start(input, predictor) {
    const { levels, adjust_to: usual } = predictor;
    return levels.length ? own(input, predictor, levels.indexOf(String(usual))) : [0];
  }

  // Add what the columns of another input do to the linear predictors of one.
  function add(linear, slopes, from, columns) {
    for (let row = 0; row < linear.length; row += 1) {
      for (let i = 0; i < columns.length; i += 1) linear[row] += columns[i] * slopes[row][from + i];
    }
  }

  function picked(below, share) {
    let passed = 0;
    below.forEach((each) => {
      if (each < share) passed += 1;
    });
    return passed;
  }

  function drawn(input, predictor, linear, place) {
    const { kind, constants, sd } = input;
    if (kind === "normal") {
      const value = constants[0] + linear[0] + sd * normals[place];
      return clipped(value, bounds(predictor).map((each) => column(input, each)));
    }
    if (kind === "ordered") return picked(constants.map((each) => 1 / (1 + Math.exp(linear[0] - each))), shares[place]);
    const whole = [0, ...constants.map((each, i) => each + linear[i])];
    const most = Math.max(...whole);
    const odds = whole.map((each) => Math.exp(each - most));
    const sum = odds.reduce((left, right) => left + right, 0);
    let passed = 0;
    return picked(odds.slice(0, -1).map((each) => {
      passed += each;
      return passed / sum;
    }), shares[place]);
  }

  // What was drawn, as columns of the others' regressions and as the value of the design.
  function read(input, predictor, value) {
    if (input.kind === "normal") return { columns: [value], code: clipped(number(input, value), bounds(predictor)) };
    const code = choices(predictor)[value];
    return { columns: own(input, predictor, code), code };
  }

  // Values of the design's predictors in every draw.
  function draws(model, known) {
    const { design: { predictors }, missing_inputs: inputs } = model;
    normals ??= shares.map(vertebriskMixtures.normal);
    const widths = predictors.map(width);
    const from = widths.map((_, i) => widths.slice(0, i).reduce((sum, each) => sum + each, 0));
    const wanted = range(predictors.length).filter((i) => Number.isNaN(known[i]));
    const state = new Map(wanted.map((i) => [i, Array(DRAWS).fill({ columns: start(inputs[i], predictors[i]) })]));
    let step = 0;
    for (let sweep = 0; sweep < (wanted.length > 1 ? SWEEPS : 1); sweep += 1) {
      wanted.forEach((target) => {
        const [input, predictor] = [inputs[target], predictors[target]];
        const base = input.slopes.map(() => 0);
        known.forEach((code, i) => {
          if (!state.has(i)) add(base, input.slopes, from[i], own(inputs[i], predictors[i], code));
        });
        const others = wanted.filter((i) => i !== target);
        const places = points(step);
        state.set(target, places.map((place, draw) => {
          const linear = base.slice();
          others.forEach((i) => add(linear, input.slopes, from[i], state.get(i)[draw].columns));
          return read(input, predictor, drawn(input, predictor, linear, place));
        }));
        step += 1;
      });
    }
    return range(DRAWS).map((draw) => known.map((each, i) => (state.has(i) ? state.get(i)[draw].code : each)));
  }

  function missing(model, patient) {
    const { predictors } = model.design;
    const absent = predictors.filter((each) => given(each, patient) === null);
    if (!model.missing_inputs || absent.length === predictors.length) return [];
    const read = codes(model.design, patient).filter((each) => !Number.isNaN(each)).length;
    return read + absent.length === predictors.length ? absent.map(({ name }) => name) : [];
  }

  const designed = (model, values) => model.design.terms.flatMap((term) => termColumns(term, values));

  function columns(model, patient) {
    const known = codes(model.design, patient);
    const key = known.join();
    if (last.model === model && last.key === key) return last.columns;
    const values = missing(model, patient).length ? draws(model, known) : [known];
    const found = values.map((each) => designed(model, each));
    const scored = found.every((row) => !row.some(Number.isNaN));
    last = { model, key, columns: scored ? found : null };
    return last.columns;
  }

  return Object.freeze({ missing, columns });
})();

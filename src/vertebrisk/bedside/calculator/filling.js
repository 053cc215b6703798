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

  // Add what the columns of another input do to the linear predictors of one, in every draw.
  function add(linear, slopes, from, columns) {
    slopes.forEach((row, output) => columns.forEach((column, i) => {
      const [slope, sums] = [row[from + i], linear[output]];
      for (let draw = 0; draw < DRAWS; draw += 1) sums[draw] += column[draw] * slope;
    }));
  }

  // Codes of levels, or columns of a number, in every draw.
  function drawn({ kind, constants, sd }, linear, places, ends) {
    const found = new Float64Array(DRAWS);
    if (kind === "normal") {
      for (let draw = 0; draw < DRAWS; draw += 1) {
        found[draw] = clipped(constants[0] + linear[0][draw] + sd * normals[places[draw]], ends);
      }
      return found;
    }
    const odds = new Float64Array(constants.length + 1);
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const share = shares[places[draw]];
      if (kind === "ordered") {
        constants.forEach((each) => {
          if (1 / (1 + Math.exp(linear[0][draw] - each)) < share) found[draw] += 1;
        });
        continue;
      }
      let most = 0;
      constants.forEach((each, i) => {
        odds[i + 1] = each + linear[i][draw];
        most = Math.max(most, odds[i + 1]);
      });
      odds[0] = 0;
      let sum = 0;
      for (let i = 0; i < odds.length; i += 1) {
        odds[i] = Math.exp(odds[i] - most);
        sum += odds[i];
      }
      let passed = 0;
      for (let i = 0; i < constants.length; i += 1) {
        passed += odds[i];
        if (passed / sum < share) found[draw] += 1;
      }
    }
    return found;
  }

  // What was drawn, as columns of the others' regressions.
  function turned(input, predictor, found) {
    if (input.kind === "normal") return [found];
    const contents = choices(predictor).map((each) => own(input, predictor, each));
    return range(width(predictor)).map((i) => found.map((code) => contents[code][i]));
  }

  // What was drawn, as values of the design's predictor.
  function read(input, predictor, found) {
    if (input.kind !== "normal") return Array.from(found, (code) => choices(predictor)[code]);
    return Array.from(found, (each) => clipped(number(input, each), bounds(predictor)));
  }

  // Values of the design's predictors in every draw.
  function draws(model, known) {
    const { design: { predictors }, missing_inputs: inputs } = model;
    normals ??= shares.map(vertebriskMixtures.normal);
    const widths = predictors.map(width);
    const from = widths.map((_, i) => widths.slice(0, i).reduce((sum, each) => sum + each, 0));
    const wanted = range(predictors.length).filter((i) => Number.isNaN(known[i]));
    const repeated = (columns) => columns.map((each) => new Float64Array(DRAWS).fill(each));
    const fixed = known.map((code, i) => repeated(own(inputs[i], predictors[i], code)));
    const state = new Map(wanted.map((i) => [i, { columns: repeated(start(inputs[i], predictors[i])) }]));
    const bases = new Map(wanted.map((target) => {
      const linear = repeated(inputs[target].slopes.map(() => 0));
      fixed.forEach((columns, i) => add(linear, inputs[target].slopes, from[i], columns));
      return [target, linear];
    }));
    let step = 0;
    for (let sweep = 0; sweep < (wanted.length > 1 ? SWEEPS : 1); sweep += 1) {
      wanted.forEach((target) => {
        const [input, predictor] = [inputs[target], predictors[target]];
        const linear = bases.get(target).map((each) => each.slice());
        wanted.filter((i) => i !== target).forEach((i) => add(linear, input.slopes, from[i], state.get(i).columns));
        const ends = input.kind === "normal" ? bounds(predictor).map((each) => column(input, each)) : null;
        const found = drawn(input, linear, points(step), ends);
        state.set(target, { found, columns: turned(input, predictor, found) });
        step += 1;
      });
    }
    const values = known.map((each, i) => (state.has(i) ? read(inputs[i], predictors[i], state.get(i).found) : null));
    return range(DRAWS).map((draw) => known.map((each, i) => (values[i] ? values[i][draw] : each)));
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

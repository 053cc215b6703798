/*
 * The payload of a model, its numbers unpacked. The payload is described in docs/formats.md.
 *
 *   vertebriskUnpacking.prepare(payload)   the model that the engine takes
 *   vertebriskUnpacking.range(size)        0 to size - 1
 */
const vertebriskUnpacking = (() => {
  "use strict";

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

  // Slopes with 0 in an input's own columns.
  function unpackedInputs(inputs, predictors) {
    const widths = predictors.map(({ levels }) => (levels.length ? levels.length - 1 : 1));
    const whole = widths.reduce((sum, each) => sum + each, 0);
    return inputs.map((each, i) => {
      const before = widths.slice(0, i).reduce((sum, width) => sum + width, 0);
      const slopes = rows(doubles(each.slopes), whole - widths[i]).map((row) =>
        [...row.slice(0, before), ...Array(widths[i]).fill(0), ...row.slice(before)]);
      return { ...each, constants: doubles(each.constants), slopes };
    });
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
    if (payload.missing_inputs) {
      model.missing_inputs = unpackedInputs(payload.missing_inputs, payload.design.predictors);
    }
    return model;
  }

  return Object.freeze({ prepare, range });
})();

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

  return Object.freeze({ prepare, range });
})();

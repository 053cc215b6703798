/*
 * The normal distribution and mixtures of several, as Python's kernels.mixtures.
 *
 *   vertebriskMixtures.below(z)                 share of a standard normal below z
 *   vertebriskMixtures.normal(share)            the z below which a share lies
 *   vertebriskMixtures.quantile(means, sds, z)  where the mixture, all parts alike, has as much
 *                                               below it as a standard normal below z
 */
const vertebriskMixtures = (() => {
  "use strict";

  const [GRID, LAST, TERMS] = [8, 80, 10];
  const LEAST_SD = 1e-9;
  const STEPS = 200;
  const CLOSE = 2e-15;

  const density = (z) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  const heights = Array.from({ length: LAST + 1 }, (_, i) => density(i / GRID));

  // From a point of the grid a little further: the density's Taylor series, integrated.
  function strip(place, width) {
    const from = place / GRID;
    let before = 0;
    let term = heights[place] * width;
    let sum = term;
    for (let k = 0; k < TERMS; k += 1) {
      const next = (-from * width * term) / (k + 2) - (k * width * width * before) / ((k + 1) * (k + 2));
      before = term;
      term = next;
      sum += term;
    }
    return sum;
  }

  // Shares between 0 and the points of the grid.
  const shares = [0];
  for (let i = 0; i < LAST; i += 1) {
    shares.push(shares[i] + strip(i, 0.5 / GRID) - strip(i + 1, -0.5 / GRID));
  }

  function below(z) {
    const size = Math.abs(z);
    if (!(size * GRID < LAST)) return z > 0 ? 1 : 0;
    const place = Math.round(size * GRID);
    const share = shares[place] + strip(place, size - place / GRID);
    return z > 0 ? 0.5 + share : 0.5 - share;
  }

  // Newton's steps from the middle never pass the root.
  function normal(share) {
    let z = 0;
    for (let step = 0; step < STEPS; step += 1) {
      const moved = z - (below(z) - share) / density(z);
      if (Math.abs(moved - z) <= CLOSE) return moved;
      z = moved;
    }
    return z;
  }

  function quantile(means, sds, z) {
    const spread = sds.map((each) => Math.max(each, LEAST_SD));
    const wanted = below(z);
    let [low, high, at] = [Infinity, -Infinity, 0];
    means.forEach((mean, i) => {
      const end = mean + z * spread[i];
      low = Math.min(low, end);
      high = Math.max(high, end);
      at += end / means.length;
    });
    if (low === high) return low;
    for (let step = 0; step < STEPS; step += 1) {
      let [excess, slope] = [-wanted, 0];
      means.forEach((mean, i) => {
        const apart = (at - mean) / spread[i];
        excess += below(apart) / means.length;
        slope += density(apart) / spread[i] / means.length;
      });
      if (excess < 0) low = at;
      else high = at;
      const newton = at - excess / slope;
      const moved = newton > low && newton < high ? newton : (low + high) / 2;
      if (Math.abs(moved - at) <= CLOSE * (1 + Math.abs(moved))) return moved;
      at = moved;
    }
    return at;
  }

  return Object.freeze({ below, normal, quantile });
})();

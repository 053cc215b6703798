/*
 * Picking a value on an axis of the nomogram: by pointer, which may leave the axis while it
 * drags, and by the keys of a slider.
 *
 *   vertebriskPicking(root, {row(key), pointsAt(event), given(name), pick(axis, value)})
 *     start()   listens on the drawing, which outlives its axes
 */
const vertebriskPicking = (root, axes) => {
  "use strict";

  const { row, pointsAt, given, pick } = axes;
  const WAY = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
  const stepped = (predictor) => predictor.levels.length > 0 || predictor.discrete;
  let dragged = null;

  // A step of about a hundredth of the range, in round numbers.
  function niceStep(low, high) {
    const rough = (high - low) / 100 || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    return power * [1, 2, 5, 10].find((each) => each * power >= rough * 0.999);
  }

  const rounded = (value, step) => Number((Math.round(value / step) * step).toPrecision(12));

  function nearest(axis, points, own) {
    const far = (i) => Math.abs(axis.points[i] - points);
    const order = axis.points.map((_, i) => i).sort((a, b) => far(a) - far(b));
    const tied = order.filter((i) => far(i) - far(order[0]) < 1e-9);
    return tied.find((i) => String(axis.values[i]) === String(own)) ?? tied[0];
  }

  // The value of an axis at a number of points; where it passes twice, the one nearer to what is.
  function valueAt({ axis, predictor }, points) {
    const own = given(axis.variable);
    const near = axis.values[nearest(axis, points, own)];
    if (stepped(predictor)) return near;
    const step = niceStep(Math.min(...axis.values), Math.max(...axis.values));
    const crossed = axis.points.slice(1).flatMap((b, i) => {
      const a = axis.points[i];
      if (a === b || (points - a) * (points - b) > 0) return [];
      const share = (points - a) / (b - a);
      return [rounded(axis.values[i] + share * (axis.values[i + 1] - axis.values[i]), step)];
    });
    if (!crossed.length) return near;
    const from = own === null ? predictor.adjust_to : Number(own);
    return crossed.reduce((best, each) => (Math.abs(each - from) < Math.abs(best - from) ? each : best));
  }

  function moved({ axis, predictor }, key) {
    const own = given(axis.variable);
    const jumps = stepped(predictor);
    const values = jumps ? axis.values : [Math.min(...axis.values), Math.max(...axis.values)];
    const last = values.length - 1;
    if (key === "Home") return values[0];
    if (key === "End") return values[last];
    if (!Object.hasOwn(WAY, key)) return undefined;
    if (jumps) {
      const at = values.findIndex((each) => String(each) === String(own));
      return at < 0 ? values[0] : values[Math.min(Math.max(at + WAY[key], 0), last)];
    }
    if (own === null) return predictor.adjust_to;
    const step = niceStep(values[0], values[1]);
    return Math.min(Math.max(rounded(Number(own) + WAY[key] * step, step), values[0]), values[1]);
  }

  const keyOf = (event) => event.target.closest?.("[data-axis]")?.getAttribute("data-axis");

  function drag(event) {
    const found = dragged === null ? undefined : row(dragged);
    if (found) pick(found.axis, valueAt(found, pointsAt(event)));
  }

  function start() {
    root.addEventListener("pointerdown", (event) => {
      const key = keyOf(event);
      if (key === undefined || event.button !== 0) return;
      dragged = key;
      root.setPointerCapture(event.pointerId);
      row(key).group.focus({ preventScroll: true });
      drag(event);
    });
    root.addEventListener("pointermove", drag);
    ["pointerup", "pointercancel"].forEach((name) => root.addEventListener(name, () => {
      dragged = null;
    }));
    root.addEventListener("keydown", (event) => {
      const found = row(keyOf(event));
      const value = found && moved(found, event.key);
      if (value === undefined) return;
      event.preventDefault();
      pick(found.axis, value);
    });
  }

  return { start };
};

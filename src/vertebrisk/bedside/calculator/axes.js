/*
 * Where the texts of an axis go, so that none touches another.
 *
 *   measure(text, bold)                width in pixels, as the browser sets it
 *   wrapped(text, room)                lines no wider than the room
 *   short(text, room)                  the text, or its beginning with an ellipsis
 *   levels(ticks, left, right)         every text, in as many rows as needed
 *   numbers(ticks, left, right)        texts of every k-th tick; where the axis turns back (a
 *                                      spline), the branches alternate below and above
 *   scale(ticks, left, right)          both ends, and what fits between
 *
 * A tick is {x, text}; a place is {centre, text, row}, rows counted down from 0 below the axis
 * and up from -1 above it.
 */
const vertebriskAxes = (() => {
  "use strict";

  const SIZE = 12;
  const GAP = 6;
  const pen = document.createElement("canvas").getContext("2d");
  const known = new Map();

  const { fontFamily } = getComputedStyle(document.body);

  function measure(text, bold = false) {
    const key = `${bold}|${text}`;
    if (!known.has(key)) {
      pen.font = `${bold ? "600 13px" : `${SIZE}px`} ${fontFamily}`;
      known.set(key, pen.measureText(text).width * 1.02);
    }
    return known.get(key);
  }

  function broken(word, room) {
    const parts = [""];
    [...word].forEach((letter) => {
      const last = parts[parts.length - 1];
      if (last && measure(last + letter, true) > room) parts.push(letter);
      else parts[parts.length - 1] = last + letter;
    });
    return parts;
  }

  function wrapped(text, room) {
    const words = (text.match(/[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+/g) || [""])
      .flatMap((word) => (measure(word.trim(), true) > room ? broken(word, room) : [word]));
    const lines = [""];
    words.forEach((word) => {
      const last = lines[lines.length - 1];
      if (last && measure((last + word).trim(), true) > room) lines.push(word);
      else lines[lines.length - 1] = last + word;
    });
    return lines.map((line) => line.trim());
  }

  function short(text, room) {
    if (measure(text) <= room) return text;
    const letters = [...text];
    while (letters.length > 1 && measure(`${letters.join("")}\u2026`) > room) letters.pop();
    return `${letters.join("").trim()}\u2026`;
  }

  function box({ x, text }, left, right) {
    const half = measure(text) / 2;
    const centre = Math.min(Math.max(x, left + half), right - half);
    return { text, centre, from: centre - half - GAP / 2, to: centre + half + GAP / 2 };
  }

  const free = (own, others) => others.every((each) => own.to <= each.from || own.from >= each.to);

  function levels(ticks, left, right) {
    const rows = [];
    return [...ticks].sort((a, b) => a.x - b.x).map((tick) => {
      const own = box({ x: tick.x, text: short(tick.text, (right - left) * 0.8) }, left, right);
      let row = rows.findIndex((each) => free(own, each));
      if (row < 0) row = rows.push([]) - 1;
      rows[row].push(own);
      return { ...own, row };
    });
  }

  // Stretches of an axis along which it does not turn back.
  function branches(ticks) {
    const found = [[]];
    let way = 0;
    ticks.forEach((tick, i) => {
      const step = i ? Math.sign(tick.x - ticks[i - 1].x) : 0;
      if (step && way && step !== way) found.push([]);
      if (step) way = step;
      found[found.length - 1].push(tick);
    });
    return found;
  }

  function thinned(ticks, taken, left, right) {
    for (let step = 1; step <= ticks.length; step += 1) {
      const boxes = ticks.filter((_, i) => i % step === 0).map((each) => box(each, left, right));
      if (boxes.length < 3 && ticks.length > 3) break;
      if (boxes.every((each, i) => free(each, [...taken, ...boxes.slice(0, i)]))) return boxes;
    }
    const [first, last] = [ticks[0], ticks[ticks.length - 1]];
    const whole = { x: (first.x + last.x) / 2, text: first === last ? first.text : `${first.text}\u2009\u2026\u2009${last.text}` };
    const own = box(whole, left, right);
    return free(own, taken) ? [own] : [];
  }

  function numbers(ticks, left, right) {
    const taken = [[], []];
    branches(ticks).forEach((branch, i) => {
      taken[i % 2].push(...thinned(branch, taken[i % 2], left, right));
    });
    return [...taken[0].map((each) => ({ ...each, row: 0 })), ...taken[1].map((each) => ({ ...each, row: -1 }))];
  }

  function scale(ticks, left, right) {
    const taken = [];
    const order = ticks.length > 1 ? [ticks[0], ticks[ticks.length - 1], ...ticks.slice(1, -1)] : ticks;
    order.forEach((tick) => {
      const own = box(tick, left, right);
      if (free(own, taken)) taken.push(own);
    });
    return taken.map((each) => ({ ...each, row: 0 }));
  }

  return Object.freeze({ measure, wrapped, short, levels, numbers, scale });
})();

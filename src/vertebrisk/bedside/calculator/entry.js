/*
 * What a person types and what a link brings, read strictly.
 *
 *   vertebriskEntry.number(typed)           {value: text of a number}, {} of nothing, or
 *                                           {problem: "not-a-number" or "ambiguous"}
 *   vertebriskEntry.fragment(hash, inputs)  {values: {name: value}, problems: [{kind, name, value}]};
 *                                           "#name=value&name=value" as URLSearchParams writes it
 */
const vertebriskEntry = (() => {
  "use strict";

  const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
  const COMMA = /^[+-]?\d+,\d+$/;
  // 1,500 is 1.5 in one country and 1500 in another; 0,125 and 1234,567 can only be decimals.
  const THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;

  function number(typed) {
    const text = typed.normalize("NFKC").replace("\u2212", "-").trim();
    if (text === "") return {};
    if (THOUSANDS.test(text)) return { problem: "ambiguous" };
    const pointed = COMMA.test(text) ? text.replace(",", ".") : text;
    if (!PLAIN.test(pointed) || !Number.isFinite(Number(pointed))) return { problem: "not-a-number" };
    return { value: pointed };
  }

  function read(input, value) {
    if (!input) return "unknown-input";
    if (input.levels.length) return input.levels.includes(value) ? null : "unknown-value";
    return PLAIN.test(value) && Number.isFinite(Number(value)) ? null : "unknown-value";
  }

  function fragment(hash, inputs) {
    const byName = new Map(inputs.map((each) => [each.name, each]));
    const found = { values: {}, problems: [] };
    new URLSearchParams(hash.replace(/^#/, "")).forEach((value, name) => {
      const kind = read(byName.get(name), value);
      if (kind) found.problems.push({ kind, name, value });
      else found.values[name] = value;
    });
    return found;
  }

  return Object.freeze({ number, fragment });
})();

/*
 * A model and the page in one language.
 *
 *   vertebriskWords(model, inputs, catalogue, language)
 *     text(key, ...values)     a text of the catalogue, or the key where it has none
 *     has(key)                 whether the catalogue has it
 *     of(thing, field)         a field of the model's documents in this language
 *     label(name), unit(name)  of an input
 *     shown(name, value, bare) a value for people, with its unit unless bare
 *     number, rough, percent, mark, by
 */
const vertebriskWords = (model, inputs, catalogue, language) => {
  "use strict";

  const own = catalogue[language];
  const byName = new Map(inputs.map((each) => [each.name, each]));
  const has = (key) => Object.hasOwn(own, key);
  const text = (key, ...values) =>
    has(key) ? own[key].replace(/\{(\d)\}/g, (_, i) => values[i]) : String(key).replaceAll("_", " ");

  // Words that run from right to left, or turn others round, keep to themselves.
  const TURNING = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/;
  const apart = (written) => (TURNING.test(written) ? `\u2068${written}\u2069` : written);

  function of(thing, field) {
    const found = thing.translations?.[language]?.[field] || thing[field] || "";
    return Array.isArray(found) ? found.map(apart) : apart(found);
  }

  const label = (name) => (byName.has(name) ? of(byName.get(name), "label") || apart(name) : apart(name));
  const unit = (name) => of(byName.get(name), "unit");

  const signed = (written) => written.replace(/^-/, "\u2212");
  const number = (value) => signed(String(Number(Number(value).toPrecision(6))));

  // Three digits are as much as a limit of a range means.
  const rough = (value) =>
    number(Math.abs(value) >= 100 ? Math.round(value) : Number(value).toPrecision(3));

  function shown(name, value, bare = false) {
    const input = byName.get(name);
    const place = input.levels.indexOf(String(value));
    if (place >= 0) return of(input, "level_labels")[place] || input.levels[place];
    const written = Number.isFinite(Number(value)) ? number(value) : String(value);
    return !bare && unit(name) ? text("with-unit", written, unit(name)) : written;
  }

  function percent(risk) {
    if (risk > 0 && risk < 0.001) return text("below", text("percent", "0.1"));
    if (risk < 1 && risk > 0.999) return text("above", text("percent", "99.9"));
    return text("percent", (100 * risk).toFixed(1));
  }

  const mark = (risk) => text("percent", number(100 * risk));
  const timeUnit = () => (model.time_unit ? text(model.time_unit) : "");
  const by = (key, horizon) => text(key, number(horizon), timeUnit());
  const listed = (texts) => texts.join(text("comma"));

  return { language, text, has, of, label, unit, shown, number, rough, percent, mark, timeUnit, by, listed };
};

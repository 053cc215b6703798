/*
 * The inputs of the model as a form: choices as buttons, numbers with unit and range.
 *
 *   vertebriskInputs(page)   page: {model, inputs, words, state, change(name, typed),
 *                            averages(input), unknown(name, ticked)}
 *     draw()                 builds the form in the page's language
 *     show(flags)            shows what is entered, and what is wrong with it
 */
const vertebriskInputs = (page) => {
  "use strict";

  const { make } = vertebriskDom;
  const MOMENTS = ["preoperative", "intraoperative", "postoperative"];
  const timed = page.inputs.filter((each) => MOMENTS.indexOf(each.timing) > 0);
  const form = document.getElementById("inputs");
  let fields = [];

  function heading(input) {
    const { words } = page;
    const known = timed.includes(input) ? words.text("known", words.text(input.timing)) : "";
    return [words.of(input, "definition"), known].filter(Boolean).join(words.text("stop"));
  }

  function choices(input, place) {
    const { words } = page;
    const named = words.label(input.name);
    const buttons = input.levels.map((level) => {
      const button = make("input", { type: "radio", name: `input-${place}`, value: level });
      button.addEventListener("change", () => page.change(input.name, level));
      return [button, make("label", {}, button, make("span", {}, words.shown(input.name, level)))];
    });
    const unknown = page.averages(input) ? make("input", { type: "radio", name: `input-${place}` }) : null;
    unknown?.addEventListener("change", () => page.unknown(input.name, true));
    const open = unknown && make("label", {}, unknown, make("span", {}, words.text("unknown")));
    const back = make("button", { type: "button", class: "back" }, words.text("take-back"));
    back.setAttribute("aria-label", words.text("colon", words.text("take-back"), named));
    back.addEventListener("click", () => {
      page.change(input.name, null);
      buttons[0][0].focus();
    });
    const hint = heading(input);
    const group = make("fieldset", { "data-input": input.name },
      make("legend", {}, named), hint ? make("p", { class: "hint" }, hint) : null,
      make("div", { class: "choices" }, ...buttons.map((each) => each[1]), open, back));
    const show = (value, flag, ticked) => {
      buttons.forEach(([button]) => {
        button.checked = button.value === String(value ?? "");
      });
      if (unknown) unknown.checked = ticked;
      back.hidden = !ticked && (value === null || value === undefined);
    };
    return { input, group, show, focus: () => buttons[0][0].focus() };
  }

  function range(input) {
    const { words } = page;
    if (!input.limits) return "";
    const unit = words.unit(input.name);
    const [low, high] = input.limits.map(words.rough);
    return words.text("range", low, unit ? words.text("with-unit", high, unit) : high);
  }

  function entry(input, place) {
    const { words } = page;
    const id = `input-${place}`;
    const field = make("input", {
      id, type: "text", inputmode: "decimal", "aria-describedby": `${id}-hint ${id}-problem`,
    });
    field.addEventListener("input", () => page.change(input.name, field.value));
    const unknown = page.averages(input) ? make("input", { type: "checkbox" }) : null;
    unknown?.addEventListener("change", () => page.unknown(input.name, unknown.checked));
    unknown?.setAttribute("aria-label", words.text("colon", words.text("unknown"), words.label(input.name)));
    const open = unknown && make("div", { class: "choices small" },
      make("label", {}, unknown, make("span", {}, words.text("unknown"))));
    const problem = make("p", { class: "problem", id: `${id}-problem` });
    const hint = [heading(input), range(input)].filter(Boolean).join(words.text("stop"));
    const group = make("div", { class: "number", "data-input": input.name },
      make("label", { for: id }, words.label(input.name)),
      make("p", { class: "hint", id: `${id}-hint` }, hint),
      make("div", { class: "entry" }, field, make("span", {}, words.unit(input.name)), open), problem);
    const show = (typed, flag, ticked) => {
      if (unknown) unknown.checked = ticked;
      if (field.value !== (typed ?? "")) field.value = typed ?? "";
      problem.textContent = flag ? words.text(flag.kind, words.label(input.name), typed) : "";
      problem.hidden = !flag;
      field.setAttribute("aria-invalid", String(Boolean(flag) && flag.kind !== "extrapolation"));
    };
    return { input, group, show, focus: () => field.focus() };
  }

  function moment() {
    const { words, state } = page;
    if (!timed.length) return null;
    const buttons = MOMENTS.map((each) => {
      const button = make("input", { type: "radio", name: "moment", value: each });
      button.checked = state.moment === each;
      button.addEventListener("change", () => page.at(each));
      return make("label", {}, button, make("span", {}, words.text(each)));
    });
    return make("fieldset", { id: "moment" }, make("legend", {}, words.text("now")),
      make("p", { class: "hint" }, words.text("optional")), make("div", { class: "choices small" }, ...buttons));
  }

  function criterion(text, key) {
    const box = make("input", { type: "checkbox" });
    box.checked = page.state.confirmed.has(key);
    box.addEventListener("change", () => page.confirm(key, box.checked));
    return make("label", { class: "criterion" }, box, make("span", {}, text));
  }

  function eligibility() {
    const { words, model: { population } } = page;
    const boxes = ["include", "exclude"].flatMap((kind) =>
      Array.from(words.of(population, kind), (text, i) =>
        criterion(kind === "include" ? text : words.text("not", text), `${kind}-${i}`)));
    if (!boxes.length) return null;
    return make("fieldset", { id: "eligibility" }, make("legend", {}, words.text("eligible")),
      make("p", { class: "hint" }, words.text("eligible-help")), ...boxes);
  }

  function draw() {
    const { words } = page;
    const clear = make("button", { type: "button", id: "clear" }, words.text("clear"));
    clear.addEventListener("click", page.clear);
    const print = make("button", { type: "button", id: "print" }, words.text("print"));
    print.addEventListener("click", () => window.print());
    fields = page.inputs.map((each, i) => (each.levels.length ? choices(each, i) : entry(each, i)));
    const children = [make("h2", {}, words.text("inputs")), ...fields.map((each) => each.group), moment(),
      eligibility(), make("div", { class: "actions" }, clear, print)];
    form.replaceChildren(...children.filter(Boolean));
  }

  function show(flags) {
    fields.forEach(({ input, show: own }) => {
      const flag = flags.find((each) => each.name === input.name && !["missing", "averaged"].includes(each.kind));
      own(page.state.typed[input.name], flag, page.state.unknown.has(input.name));
    });
  }

  const focus = (name) => fields.find((each) => each.input.name === name)?.focus();
  const later = (moments) => timed.filter((each) => MOMENTS.indexOf(each.timing) > MOMENTS.indexOf(moments));

  form.addEventListener("submit", (event) => event.preventDefault());
  return { draw, show, focus, later };
};

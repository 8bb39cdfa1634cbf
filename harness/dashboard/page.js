// Looks numbers up, filters and formats them, and draws. It computes no KPI: every number comes from
// the data sets that queries.sql selected. The whole state of the page is its address.
const page = JSON.parse(document.getElementById("page").textContent);
const app = document.getElementById("app");
let data = {};
let words = page.words.en;
let state = {};

// ---- the data sets

async function unpack() {
  const text = atob(document.getElementById("data").textContent);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { kpis, ...sets } = await new Response(stream).json();
  for (const [name, columns] of Object.entries(sets)) data[name] = rowsOf(columns);
  // the largest by far, sorted by KPI: the rows of each are made when they are first asked for
  const made = new Map();
  const names = kpis.kpi ?? [];
  data.kpi = (kpi) => {
    if (!made.has(kpi)) made.set(kpi, names.includes(kpi) ? rowsOf(kpis, names.indexOf(kpi), names.lastIndexOf(kpi) + 1) : []);
    return made.get(kpi);
  };
}

function rowsOf(columns, from = 0, to = (Object.values(columns)[0] ?? []).length) {
  const rows = [];
  for (let i = from; i < to; i++) {
    const row = {};
    for (const column in columns) row[column] = columns[column][i];
    rows.push(row);
  }
  return rows;
}

function group(rows, column) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(row[column])) groups.set(row[column], []);
    groups.get(row[column]).push(row);
  }
  return groups;
}

// The rows of a data set in which each column equals what the state has; `=text` is meant literally.
function select(name, where, now) {
  const wanted = Object.entries(where).map(([column, key]) => [column, key[0] === "=" ? key.slice(1) : now[key]]);
  const rows = name === "kpis" ? data.kpi(now.kpi) : data[name];
  return rows.filter((row) => wanted.every(([column, value]) => row[column] === value));
}

// ---- words, numbers

const nameOf = (kpi) => page.kpis[kpi]?.label[state.index] ?? kpi;

function label(value) {
  if (typeof value !== "string") return value;
  const known = page.values[value]?.[state.index];
  if (known) return known;
  if (/^[A-Z]{2}$/.test(value)) return new Intl.DisplayNames(state.lang, { type: "region" }).of(value);
  if (value.includes(" · ")) return value.split(" · ").map(label).join(" · ");
  return value;
}

const intl = (options) => new Intl.NumberFormat(state.lang, options);

function digits(value) {
  return { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 2 };
}

function format(value, unit) {
  if (value === null || value === undefined) return "–";
  switch (unit) {
    case "ratio":
      return intl({ style: "percent", maximumSignificantDigits: 3 }).format(value);
    case "currency": {
      const places = Math.abs(value) >= 100 ? 0 : 2;
      return intl({
        style: "currency",
        currency: page.currency,
        minimumFractionDigits: places,
        maximumFractionDigits: places,
      }).format(value);
    }
    case "points":
      return intl({ maximumFractionDigits: 1 }).format(value);
    case "number":
      return intl({ maximumSignificantDigits: 4 }).format(value);
    case "times":
    case "days":
    case "hours":
    case "seconds":
      return `${intl(digits(value)).format(value)}\u00a0${words["unit_" + unit]}`;
    default:
      return intl(digits(value)).format(value);
  }
}

// A change: in points of a ratio or score, else as a rate.
function formatChange(value, unit) {
  const sign = { signDisplay: "exceptZero" };
  if (unit === "ratio") {
    const text = intl({ style: "percent", maximumFractionDigits: 2, ...sign }).format(value);
    return text.replace(/\s?%/, `\u00a0${words.pp}`);
  }
  if (unit === "points") return intl({ maximumFractionDigits: 1, ...sign }).format(value);
  return intl({ style: "percent", maximumFractionDigits: 1, ...sign }).format(value);
}

// The same as d3 writes them on axes and in tooltips, to three or four digits.
function axisFormat(unit) {
  return { ratio: ".3~p", currency: "$,.4~r" }[unit] ?? ",.4~r";
}

// Numbers on axes and in tooltips, as the language writes them.
function locale() {
  const parts = intl({ style: "currency", currency: page.currency, maximumFractionDigits: 0 }).formatToParts(1);
  const at = parts.findIndex((part) => part.type === "integer");
  const text = (some) => some.map((part) => part.value).join("");
  const french = state.lang === "fr";
  return {
    decimal: french ? "," : ".",
    thousands: french ? "\u202f" : ",",
    grouping: [3],
    currency: [text(parts.slice(0, at)), text(parts.slice(at + 1))],
    percent: french ? "\u00a0%" : "%",
  };
}

// ---- the address

const DEFAULTS = { comparison: "previous_period", segment: "all", by: "", kpi: "" };

function readAddress() {
  const [tab, query] = location.hash.slice(1).split("?");
  const given = Object.fromEntries(new URLSearchParams(query));
  const now = { ...DEFAULTS, period: page.period, ...given };
  now.tab = page.tabs[tab] ? tab : "executive";
  now.lang = page.languages.includes(now.lang) ? now.lang : navigator.language.startsWith("fr") ? "fr" : page.language;
  now.theme = now.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  now.index = page.languages.indexOf(now.lang);
  if (!data.choices.some((choice) => choice.period === now.period && choice.is_choice)) now.period = page.period;
  now.grain = now.period?.split(" ")[0];
  const [type, ...value] = now.segment.split(":");
  const known = data.filters.some((filter) => filter.segment_type === type && filter.segment_value === value.join(":"));
  now.segment_type = known ? type : "all";
  now.segment_value = known ? value.join(":") : "all";
  if (!known) now.segment = "all";
  return { now, given };
}

function go(changes, tab = state.tab) {
  const { given } = readAddress();
  const query = new URLSearchParams({ ...given, ...changes });
  for (const [key, value] of [...query]) if (value === "" || value === DEFAULTS[key]) query.delete(key);
  location.hash = tab + (query.size ? "?" + query : "");
}

// ---- elements

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => present(child) && child !== "" && child !== false));
  return element;
}

// A number as people read it, and as it is.
const number = (value, text, attributes = {}) => h("data", { value: value ?? "", ...attributes }, text);

const MARKS = { on_track: "✓", at_risk: "!", off_track: "✕" };

function status(value) {
  const tone = { on_track: "good", at_risk: "bad", off_track: "bad" }[value];
  return h("span", { class: `status ${tone ?? ""}` }, `${MARKS[value] ?? ""} ${label(value)}`.trim());
}

function change(value, kpi, cell) {
  const { unit, direction } = page.kpis[kpi];
  const moved = formatChange(value, unit);
  const isSame = !/[1-9]/.test(moved);
  const verdict = isSame ? "same" : value > 0 === (direction === "up") ? "better" : "worse";
  const arrow = isSame ? "" : value > 0 ? "▲ " : "▼ ";
  const tone = { better: "good", worse: "bad" }[verdict];
  return h("span", { class: tone }, arrow, number(value, moved, { "data-cell": cell }), ` ${words[verdict]}`);
}

// ---- tiles

// The segment that a KPI can be held to: the filter's, where kpi_values cuts it so, else all.
function heldTo(kpi) {
  const cut = state.segment_type === "all" || page.kpis[kpi]?.segments.includes(state.segment_type);
  return cut ? state : { ...state, segment_type: "all", segment_value: "all" };
}

function scopeNote(isHeld) {
  if (state.segment_type === "all") return null;
  return h("p", { class: "scope" }, isHeld ? `${label(state.segment_type)}: ${label(state.segment_value)}` : words.not_cut);
}

function tile(kpi) {
  const now = { ...heldTo(kpi), kpi };
  const series = select("kpis", page.figures.trend_level.where, now);
  const row = series.find((one) => one.period === state.period) ?? {};
  // a KPI that takes months to be known (a repeat purchase): its newest value up to here
  const newest = series.findLast((one) => present(one.value) && one.period <= state.period);
  const { unit } = page.kpis[kpi];
  const at = (cell) => `${kpi}|${state.period}|${now.segment_type}|${now.segment_value}|${cell}`;
  const value = (cell) => number(row[cell], format(row[cell], unit), { "data-cell": at(cell) });
  const first = state.comparison === "year_ago" ? "year_change" : "change";
  const spark = h("div", { class: "spark", "aria-hidden": "true" });
  const element = h(
    "article",
    { class: "tile", "data-focus": focusOf() === kpi, "data-kpi": kpi },
    h(
      "h2",
      {},
      h(
        "button",
        {
          type: "button",
          id: `tile-${kpi}`,
          "aria-pressed": String(focusOf() === kpi),
          onclick: () => go({ kpi, by: "" }),
        },
        nameOf(kpi),
      ),
    ),
    h(
      "p",
      { class: `value ${row.is_small ? "is-small" : ""}` },
      value("value"),
      row.is_open ? h("small", {}, ` ${words.is_open_note}`) : null,
    ),
    present(row[first]) &&
      h(
        "p",
        { class: "change" },
        change(row[first], kpi, at(first)),
        h("span", { class: "note" }, ` ${words["since_" + state.comparison]}`),
      ),
    present(row.low) ? h("p", { class: "note" }, `${words.interval} `, value("low"), " – ", value("high")) : null,
    row.is_small ? h("p", { class: "note" }, page.columns.is_small[state.index]) : null,
    spark,
    newest && newest !== row
      ? h(
          "p",
          { class: "note" },
          `${label(newest.period)}: `,
          number(newest.value, format(newest.value, unit), {
            "data-cell": at("value").replace(state.period, newest.period),
          }),
        )
      : null,
    h(
      "dl",
      {},
      h("dt", {}, words.before),
      h("dd", {}, value("previous")),
      h("dt", {}, label("year_ago")),
      h("dd", {}, value("year_ago")),
      present(row.projected) ? [h("dt", {}, words.projected_end), h("dd", {}, value("projected"))] : [],
      present(row.target)
        ? [
            h("dt", {}, page.columns.target[state.index]),
            h("dd", {}, value("target")),
            h("dt", {}, label("status")),
            h("dd", {}, status(row.status)),
          ]
        : [],
    ),
    scopeNote(now.segment_type !== "all"),
    h(
      "a",
      { href: `#definitions?${new URLSearchParams({ lang: state.lang, theme: state.theme, kpi })}` },
      words.definition,
      h("span", { class: "unseen" }, `: ${nameOf(kpi)}`),
    ),
  );
  const drawn = labelled(series)
    .filter((one) => present(one.value))
    .map((one) => ({ ...one, is_shown: one.period === state.period }));
  if (drawn.length > 1) later.push(() => draw(spark, "spark", drawn, unit));
  return element;
}

const present = (value) => value !== null && value !== undefined;

// ---- figures

function focusOf(tab = state.tab) {
  const { tiles } = page.tabs[tab];
  return tiles.includes(state.kpi) ? state.kpi : tiles[0];
}

// names that are not looked up, whatever word they are
const PROPER = new Set(["table_name", "customer", "product", "with_product"]);

function labelled(rows) {
  return rows.map((row) => {
    const copy = { ...row };
    for (const [column, value] of Object.entries(row))
      if (typeof value === "string")
        copy[column + "_label"] = column === "kpi" ? nameOf(value) : PROPER.has(column) ? value : label(value);
    return copy;
  });
}

// The state, or where less than half of a figure is known yet, the newest period before it where it is.
function whenKnown(spec, now) {
  if (!spec.known) return now;
  const known = data.choices
    .filter((choice) => choice.grain === now.grain && choice.period <= now.period)
    .findLast((choice) => {
      const rows = select(spec.data, spec.where, { ...now, period: choice.period }).filter((row) => present(row[spec.needs]));
      return rows.filter((row) => present(row[spec.known])).length * 2 > rows.length;
    });
  return known ? { ...now, period: known.period } : now;
}

function figure(id, tab) {
  const [name, fixed, by] = id.split(":");
  const kpi = fixed ?? focusOf(tab);
  const follows = ["trend", "breakdown", "days"].includes(name);
  const shape = name === "days" || !follows ? name : `${name}_${page.kpis[kpi]?.accumulates ? "sum" : "level"}`;
  const spec = page.figures[shape];
  let now = { ...state, kpi };
  let scope = null;
  let choice = null;
  if (name === "breakdown") {
    const types = page.kpis[kpi]?.segments ?? [];
    now.by = by ?? (types.includes(state.by) ? state.by : types[0]);
    if (!by && types.length > 1)
      choice = picker(
        "by",
        words.filter_by,
        types.map((type) => [type, label(type)]),
        now.by,
      );
  } else if (name === "trend") {
    now = { ...heldTo(kpi), kpi };
    scope = scopeNote(now.segment_type !== "all");
  } else {
    const isHeld = spec.cut_by.includes(state.segment_type);
    if (!isHeld) now = { ...now, segment_type: "all", segment_value: "all" };
    scope = scopeNote(isHeld);
  }
  now = whenKnown(spec, now);
  const usesPeriod = "period" in spec.where || "grain" in spec.where;
  const rows = labelled(select(spec.data, spec.where, now).filter((row) => !spec.needs || present(row[spec.needs])));
  const [title, note] = page.titles[name][state.index];
  const subject =
    name === "breakdown"
      ? `${nameOf(kpi)} · ${label(now.by)}`
      : name === "days"
        ? `${nameOf(kpi)} · ${words.by_day}`
        : follows
          ? nameOf(kpi)
          : title;
  const unit = page.kpis[kpi]?.unit;
  const measure = follows && words["unit_" + unit] ? ` (${words["unit_" + unit]})` : "";
  const element = h(
    "figure",
    {
      class: spec.is_wide ? "is-wide" : "",
      "data-figure": shape,
      "data-where": JSON.stringify(pickWhere(spec.where, now)),
    },
    h(
      "figcaption",
      {},
      h("h2", {}, subject + measure),
      h("p", { class: "note" }, usesPeriod && name !== "trend" ? `${label(now.period)}. ` : "", note),
      usesPeriod || name === "days" || name === "anomalies" || name === "targets"
        ? null
        : h("p", { class: "note" }, words.any_period),
      scope,
      choice,
    ),
  );
  const unitOf = (row, unit) => (unit === "kpi" ? page.kpis[row.kpi]?.unit : unit);
  if (!rows.length) {
    element.append(
      h("p", { class: "empty" }, data[spec.data]?.length || spec.data === "kpis" ? words.nothing_here : words.nothing),
    );
  } else if (spec.spec) {
    const canvas = h("div", { class: spec.is_dense ? "vega is-dense" : "vega" });
    element.append(
      h(
        "div",
        {
          class: "picture",
          role: "img",
          tabindex: spec.is_dense ? "0" : null,
          "aria-label": `${words.chart}: ${subject}. ${words.numbers_below}`,
        },
        canvas,
      ),
    );
    later.push(() => draw(canvas, shape, rows, page.kpis[kpi]?.unit));
    const details = h(
      "details",
      {
        ontoggle: () => details.open && details.childElementCount === 1 && details.append(table(spec, rows, unitOf, subject)),
      },
      h("summary", { id: `table-${tab}-${id}` }, words.table, h("span", { class: "unseen" }, `: ${subject}`)),
    );
    element.append(details);
  } else {
    element.append(table(spec, rows, unitOf, subject));
  }
  return element;
}

function pickWhere(where, now) {
  return Object.fromEntries(Object.entries(where).map(([column, key]) => [column, key[0] === "=" ? key.slice(1) : now[key]]));
}

function table(spec, rows, unitOf, caption) {
  const columns = Object.entries(spec.table);
  const isText = (unit) => ["label", "flag", "status", "direction"].includes(unit);
  const cell = (row, column, unit) => {
    const value = row[column];
    if (unit === "label")
      return column === "event" && state.lang === "fr"
        ? (row.event_fr ?? "–")
        : present(value)
          ? (row[column + "_label"] ?? String(value))
          : "–";
    if (unit === "status") return status(value);
    if (unit === "direction") return `${value === "up" ? "▲" : "▼"} ${label(value)}`;
    if (unit === "flag") return present(value) ? words[value ? "yes" : "no"] : "–";
    return number(value, format(value, unitOf(row, unit)), { "data-column": column });
  };
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": `${words.table}: ${caption}` },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map(([column, unit]) =>
            h("th", { scope: "col", class: isText(unit) ? "" : "number" }, page.columns[column][state.index]),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            { class: row.is_small ? "is-small" : "" },
            columns.map(([column, unit]) => h("td", { class: isText(unit) ? "" : "number" }, cell(row, column, unit))),
          ),
        ),
      ),
    ),
  );
}

// ---- drawing

let later = [];
const filled = new Map();

function colours() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

// A specification with its words, formats and colours filled in. Words in an expression are quoted.
function prepared(shape, unit) {
  const colour = colours();
  const rounded = "$,.0f";
  const label = unit === "currency" ? rounded : axisFormat(unit);
  const formats = { format: axisFormat(unit), label, money: "$,.4~r", rounded, signed: "+$,.0f" };
  const word = (name) => formats[name] ?? page.columns[name]?.[state.index] ?? name;
  const fill = (text) =>
    /^@\w+$/.test(text)
      ? word(text.slice(1))
      : /^\$\w+$/.test(text)
        ? colour(text.slice(1))
        : text.replace(/@(\w+)/g, (_, name) => word(name).replace(/'/g, "\\'"));
  return JSON.parse(JSON.stringify(page.figures[shape].spec), (_, value) => (typeof value === "string" ? fill(value) : value));
}

async function draw(element, shape, rows, unit) {
  const theme = document.documentElement.dataset.theme;
  const key = [shape, state.lang, theme, unit].join();
  if (!filled.has(key)) filled.set(key, prepared(shape, unit));
  const spec = filled.get(key);
  element.drawn = await vegaEmbed(
    element,
    { ...spec, data: spec.data.map((one) => (one.name === "rows" ? { ...one, values: rows } : one)) },
    {
      mode: "vega",
      actions: false,
      renderer: "svg",
      logLevel: 1,
      formatLocale: locale(),
      tooltip: { theme },
    },
  );
}

// ---- definitions

// `**Question.** What ...` as terms and their descriptions.
function described(text) {
  const parts = text.split(/\*\*(.+?)\*\*/).slice(1);
  const rich = (part) =>
    part
      .trim()
      .split("`")
      .map((piece, i) => (i % 2 ? h("code", {}, piece) : piece));
  return h(
    "dl",
    {},
    parts.flatMap((part, i) => (i % 2 ? h("dd", {}, rich(part)) : h("dt", {}, part))),
  );
}

function definition(one) {
  const text = state.lang === "fr" ? (one.description_fr ?? one.description) : one.description;
  const objective = state.lang === "fr" ? (one.objective_fr ?? one.objective) : one.objective;
  const question = text.split("**")[2]?.trim() ?? "";
  return h(
    "details",
    { class: "block", open: state.kpi === one.kpi, id: `definition-${one.kpi}` },
    h("summary", {}, h("strong", {}, nameOf(one.kpi)), ` · ${question}`),
    described(text),
    h(
      "p",
      { class: "note" },
      `${one.kpi} · ${words.goal}: ${one.direction === "up" ? "▲" : "▼"} ${label(one.direction)} · ${words.owned_by}: ${label(one.owner)} · ${words.aims_at}: ${objective}`,
    ),
  );
}

function definitions() {
  if (!data.definitions.length) return [h("p", { class: "empty" }, words.no_kpis)];
  const list = h(
    "div",
    { class: "definitions" },
    [...group(data.definitions, "domain")].map(([domain, some]) =>
      h("section", {}, h("h2", {}, label(domain)), some.map(definition)),
    ),
  );
  const find = (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const one of list.querySelectorAll("details")) one.hidden = !one.textContent.toLowerCase().includes(wanted);
    for (const section of list.children) section.hidden = !section.querySelector("details:not([hidden])");
  };
  return [
    h(
      "p",
      {},
      h("input", {
        type: "search",
        id: "search",
        "aria-label": words.search,
        placeholder: words.search,
        oninput: find,
      }),
    ),
    list,
  ];
}

// ---- the page

function picker(key, title, options, value, change = (chosen) => go({ [key]: chosen })) {
  return h(
    "label",
    { class: "by" },
    title,
    h(
      "select",
      { id: `pick-${key}`, onchange: (event) => change(event.target.value) },
      options.map(([option, text]) => h("option", { value: option, selected: option === value }, text)),
    ),
  );
}

function filters() {
  const grains = ["week", "month", "quarter", "year"].filter((grain) =>
    data.choices.some((choice) => choice.grain === grain && choice.is_choice),
  );
  const choices = data.choices.filter((choice) => choice.grain === state.grain && choice.is_choice).reverse();
  const newest = (grain) => {
    const some = data.choices.filter((choice) => choice.grain === grain && choice.is_choice);
    return (some.findLast((choice) => choice.is_complete) ?? some.at(-1)).period;
  };
  const segment = (type) => {
    const options = data.filters.filter((filter) => filter.segment_type === type);
    return options.length
      ? picker(
          type,
          words["filter_" + type],
          [
            ["all", words.everything],
            ...options.map((option) => [`${type}:${option.segment_value}`, label(option.segment_value)]),
          ],
          state.segment_type === type ? state.segment : "all",
          (chosen) => go({ segment: chosen }),
        )
      : null;
  };
  if (!grains.length) return null;
  return h(
    "form",
    { class: "filters", "aria-label": words.filters, onsubmit: (event) => event.preventDefault() },
    picker(
      "grain",
      words.filter_grain,
      grains.map((grain) => [grain, label(grain)]),
      state.grain,
      (grain) => go({ period: newest(grain) }),
    ),
    picker(
      "period",
      words.filter_period,
      choices.map((choice) => [choice.period, label(choice.period) + (choice.is_complete ? "" : ` (${words.is_open_note})`)]),
      state.period,
    ),
    picker(
      "comparison",
      words.filter_comparison,
      ["previous_period", "year_ago"].map((one) => [one, label(one)]),
      state.comparison,
    ),
    segment("channel"),
    segment("device_type"),
    segment("country_code"),
    state.segment === "all"
      ? h("span", { class: "note" }, words.one_segment)
      : h("button", { type: "button", id: "reset", onclick: () => go({ segment: "all" }) }, words.reset),
  );
}

const titleOf = (tab) => words[tab === "customers" ? "customers_tab" : tab];

function header() {
  const other = state.lang === "en" ? "fr" : "en";
  return h(
    "header",
    {},
    h("h1", {}, words.title),
    h("p", { class: "note" }, data.facts[0]?.as_of ? `${words.as_of} ${label("day " + data.facts[0].as_of)}` : ""),
    h("button", { type: "button", id: "language", lang: other, onclick: () => go({ lang: other }) }, words.other_language),
    h(
      "button",
      {
        type: "button",
        id: "theme",
        onclick: () => go({ theme: state.theme === "dark" ? "light" : "dark" }),
      },
      words.theme,
    ),
    h("button", { type: "button", id: "print", onclick: () => print() }, words.print),
  );
}

function tabs() {
  const names = Object.keys(page.tabs);
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at =
      event.key === "Home"
        ? 0
        : event.key === "End"
          ? names.length - 1
          : step
            ? (names.indexOf(state.tab) + step + names.length) % names.length
            : null;
    if (at === null) return;
    event.preventDefault();
    pending = `tab-${names[at]}`;
    go({}, names[at]);
  };
  return h(
    "div",
    { role: "tablist", "aria-label": words.tabs, onkeydown: move },
    names.map((tab) =>
      h(
        "a",
        {
          role: "tab",
          id: `tab-${tab}`,
          href: `#${tab}`,
          "aria-selected": String(tab === state.tab),
          tabindex: tab === state.tab ? "0" : "-1",
          "aria-controls": tab === state.tab ? `panel-${tab}` : null,
          onclick: (event) => {
            event.preventDefault();
            pending = `tab-${tab}`;
            go({ kpi: "", by: "" }, tab);
          },
        },
        titleOf(tab),
      ),
    ),
  );
}

function panel(tab) {
  const { tiles, figures } = page.tabs[tab];
  const shown = tiles.filter((kpi) => page.kpis[kpi]);
  return h(
    "section",
    { role: "tabpanel", id: `panel-${tab}`, "aria-labelledby": `tab-${tab}` },
    h("h2", { class: "print-only" }, titleOf(tab)),
    tiles.length
      ? shown.length
        ? h("div", { class: "tiles" }, shown.map(tile))
        : h("p", { class: "empty" }, words.no_kpis)
      : null,
    tab === "definitions" ? definitions() : null,
    h(
      "div",
      { class: "figures" },
      figures.filter((id) => shown.length || !/^(trend|breakdown)/.test(id)).map((id) => figure(id, tab)),
    ),
  );
}

let pending = null;

function render(only = state.tab) {
  const focused = pending ?? document.activeElement?.id;
  pending = null;
  document.documentElement.lang = state.lang;
  document.documentElement.dataset.theme = state.theme;
  document.title = `${titleOf(state.tab)} · ${words.title}`;
  for (const element of app.querySelectorAll(".vega, .spark")) element.drawn?.finalize();
  later = [];
  const panels = (only ? [only] : Object.keys(page.tabs)).map(panel);
  app.replaceChildren(
    header(),
    h("nav", { "aria-label": words.tabs }, tabs()),
    h("main", {}, state.tab === "definitions" ? null : filters(), panels),
  );
  const drawn = Promise.all(later.map((task) => task()));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.getElementById(`tab-${state.tab}`).scrollIntoView({ block: "nearest", inline: "nearest" });
  return drawn;
}

function show() {
  state = readAddress().now;
  words = page.words[state.lang];
  const isMove = app.dataset.tab !== state.tab;
  app.dataset.tab = state.tab;
  const drawn = render();
  if (isMove) scrollTo(0, 0);
  if (state.tab === "definitions" && state.kpi) document.getElementById(`definition-${state.kpi}`)?.scrollIntoView();
  performance.mark("interactive");
  drawn.then(() => {
    performance.mark("drawn");
    app.dataset.drawn = location.hash || "#";
  });
}

// On paper all tabs follow each other, in light colours.
addEventListener("beforeprint", () => {
  state = { ...state, theme: "light" };
  render(null);
});
addEventListener("afterprint", show);
addEventListener("hashchange", show);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);

unpack().then(show);

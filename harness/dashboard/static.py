"""What readers without JavaScript see: each tab's tiles as a table, its charts as pictures.

The same specifications and rows as the page's, in its first view: the newest month that is over,
all of the shop.
"""

from __future__ import annotations

import re
from collections import Counter
from html import escape

import vl_convert

from harness.dashboard import layout
from harness.dashboard.data import Row

WIDTH = 640
FORMATS = {"money": "$,.4~r", "rounded": "$,.0f", "signed": "+$,.0f"}
AXIS = {"ratio": ".3~p", "currency": "$,.4~r"}
# names that are not looked up, whatever word they are
PROPER = ("table_name", "customer", "product", "with_product")
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}


class Reader:
    """The page in one language and its first state."""

    def __init__(self, sets: dict[str, list[Row]], page: dict, css: str) -> None:
        self.sets, self.page = sets, page
        self.kpis: dict[str, list[Row]] = {}
        for row in sets["kpis"]:
            self.kpis.setdefault(str(row["kpi"]), []).append(row)
        self.index = page["languages"].index(page["language"])
        self.words = page["words"][page["language"]]
        light = css.split("}", 1)[0]
        self.colours = dict(re.findall(r"--(\w+): (#\w+)", light))
        symbol = SYMBOLS.get(page["currency"], page["currency"] + "\u00a0")
        french = page["language"] == "fr"
        self.locale = {
            "decimal": "," if french else ".",
            "thousands": "\u202f" if french else ",",
            "grouping": [3],
            "currency": ["", "\u00a0" + symbol.strip()] if french else [symbol, ""],
            "percent": "\u00a0%" if french else "%",
        }

    def label(self, value: object) -> str:
        texts = self.page["values"].get(value)
        if texts:
            return texts[self.index]
        if isinstance(value, str) and " · " in value:
            return " · ".join(self.label(part) for part in value.split(" · "))
        return str(value)

    def name(self, kpi: object) -> str:
        return self.page["kpis"][kpi]["label"][self.index] if kpi in self.page["kpis"] else str(kpi)

    def number(self, value: object, unit: str | None) -> str:
        if not isinstance(value, int | float):
            return "–" if value is None else str(value)
        text = (
            f"{value * 100:.1f}"
            if unit == "ratio"
            else f"{value:,.0f}"
            if abs(value) >= 100
            else f"{value:,.2f}"
        )
        text = (
            text.replace(",", "\0")
            .replace(".", self.locale["decimal"])
            .replace("\0", self.locale["thousands"])
        )
        if unit == "ratio":
            return text + self.locale["percent"]
        if unit == "currency":
            before, after = self.locale["currency"]
            return before + text + after
        return text + (f" {self.words['unit_' + unit]}" if f"unit_{unit}" in self.words else "")

    def known(self, figure: dict) -> set[str]:
        """The periods in which most of the figure is known."""
        rows = [row for row in self.sets[figure["data"]] if row[figure["needs"]] is not None]
        total = Counter(row["period"] for row in rows)
        some = Counter(row["period"] for row in rows if row[figure["known"]] is not None)
        return {period for period in total if some[period] * 2 > total[period]}

    def rows(self, figure: dict, kpi: str, by: str | None = None) -> list[Row]:
        """As `select`, `whenKnown` and `labelled` in page.js."""
        periods = [
            choice["period"] for choice in self.sets["choices"] if choice["grain"] == "month"
        ]
        known = self.known(figure) if figure.get("known") else set()
        state = {
            "kpi": kpi,
            "period": next(
                (one for one in reversed(periods) if one in known and one <= self.page["period"]),
                self.page["period"],
            ),
            "grain": "month",
            "comparison": "previous_period",
            "segment_type": "all",
            "segment_value": "all",
            "by": by or next(iter(self.page["kpis"].get(kpi, {}).get("segments", [])), None),
        }
        wanted = {
            column: key[1:] if key.startswith("=") else state[key]
            for column, key in figure["where"].items()
        }
        return [
            row
            | {
                f"{name}_label": self.name(value) if name == "kpi" else self.label(value)
                for name, value in row.items()
                if isinstance(value, str) and name not in PROPER
            }
            for row in (
                self.kpis.get(kpi, []) if figure["data"] == "kpis" else self.sets[figure["data"]]
            )
            if all(row[column] == value for column, value in wanted.items())
            and (figure["needs"] is None or row[figure["needs"]] is not None)
        ]

    def picture(self, figure: dict, rows: list[Row], unit: str | None, title: str) -> str:
        axis = AXIS.get(unit, ",.4~r")
        label = FORMATS["rounded"] if unit == "currency" else axis
        formats = FORMATS | {"format": axis, "label": label}

        def fill(value: object) -> object:
            if isinstance(value, dict):
                return {key: fill(one) for key, one in value.items()}
            if isinstance(value, list):
                return [fill(one) for one in value]
            if not isinstance(value, str):
                return value
            if re.fullmatch(r"\$\w+", value):
                return self.colours[value[1:]]

            def word(match: re.Match) -> str:
                name = match[1]
                text = formats.get(name) or self.page["columns"].get(name, [name] * 2)[self.index]
                return text if match[0] == value else text.replace("'", "\\'")

            return re.sub(r"@(\w+)", word, value)

        spec = fill(figure["spec"])
        spec["data"] = [
            one | ({"values": rows} if one["name"] == "rows" else {}) for one in spec["data"]
        ]
        spec["signals"] = [
            {"name": "width", "value": WIDTH} if one["name"] == "width" else one
            for one in spec.get("signals", [])
        ]
        svg = vl_convert.vega_to_svg(spec, format_locale=self.locale)
        # a third of the size: coordinates to a tenth of a pixel, one description in all
        svg = re.sub(r"(\d+\.\d)\d+", r"\1", svg)
        svg = re.sub(r' (aria-[a-z]+|role|pointer-events|class)="[^"]*"', "", svg)
        return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)

    def data(self, value: object, unit: str | None) -> str:
        plain = "" if value is None else value
        return f'<data value="{plain}">{escape(self.number(value, unit))}</data>'

    def framed(self, head: str, body: str) -> str:
        return (
            f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>\n{body}</tbody></table></div>"
        )

    def table(self, figure: dict, rows: list[Row]) -> str:
        def cell(row: Row, column: str, unit: str) -> str:
            value = row[column]
            if unit in ("label", "status", "direction"):
                return "–" if value is None else escape(str(row.get(f"{column}_label", value)))
            if unit == "flag":
                return "–" if value is None else self.words["yes" if value else "no"]
            unit = self.page["kpis"][row["kpi"]]["unit"] if unit == "kpi" else unit
            return self.data(value, unit)

        head = "".join(
            f"<th scope=col>{escape(self.page['columns'][column][self.index])}</th>"
            for column in figure["table"]
        )
        body = "".join(
            "<tr>"
            + "".join(
                f"<td>{cell(row, column, unit)}</td>" for column, unit in figure["table"].items()
            )
            + "</tr>\n"
            for row in rows
        )
        return self.framed(head, body)

    def tiles(self, kpis: list[str]) -> str:
        columns = ("value", "previous", "year_ago", "target")
        head = "".join(
            f"<th scope=col>{escape(self.page['columns'][column][self.index])}</th>"
            for column in columns
        )
        body = []
        for kpi in kpis:
            figure = {
                "data": "kpis",
                "needs": None,
                "where": {"kpi": "kpi", "period": "period", "segment_type": "segment_type"},
            }
            for row in self.rows(figure, kpi):
                unit = self.page["kpis"][kpi]["unit"]
                cells = "".join(f"<td>{self.data(row[column], unit)}</td>" for column in columns)
                body.append(
                    f"<tr><th scope=row>{escape(self.name(kpi))}</th>{cells}"
                    f"<td>{escape(self.label(row['status']))}</td></tr>\n"
                )
        status = escape(self.page["columns"]["status"][self.index])
        return self.framed(f"<td></td>{head}<th scope=col>{status}</th>", "".join(body))

    def tab(self, name: str, tiles: list[str], figures: list[str]) -> str:
        parts = [
            "<section>\n<h2>"
            + escape(self.words["customers_tab" if name == "customers" else name])
            + "</h2>"
        ]
        if tiles:
            parts.append(
                self.tiles(tiles) if self.kpis else f"<p>{escape(self.words['no_kpis'])}</p>"
            )
        for figure in figures:
            kind, fixed, by = (figure.split(":") + [None, None])[:3]
            kpi = fixed or (tiles[0] if tiles else "")
            known = self.page["kpis"].get(kpi)
            follows = kind in ("trend", "breakdown")
            if follows and not known:
                continue
            shape = f"{kind}_{'sum' if known['accumulates'] else 'level'}" if follows else kind
            spec = self.page["figures"][shape]
            rows = self.rows(spec, kpi, by)
            title, note = self.page["titles"][kind][self.index]
            title = self.name(kpi) if follows or kind == "days" else title
            title += f" · {self.label(by)}" if by else ""
            content = (
                f"<p>{escape(self.words['nothing'])}</p>"
                if not rows
                else self.picture(spec, rows, known and known["unit"], title)
                if spec["spec"]
                else self.table(spec, rows)
            )
            parts.append(
                f"<figure><figcaption><strong>{escape(title)}</strong> "
                f"<span class=note>{escape(note)}</span></figcaption>{content}</figure>"
            )
        return "\n".join([*parts, "</section>\n"])


def pictures(sets: dict[str, list[Row]], page: dict, css: str) -> str:
    reader = Reader(sets, page, css)
    period = f" ({reader.label(page['period'])})" if page["period"] else ""
    tabs = (reader.tab(name, tab["tiles"], tab["figures"]) for name, tab in layout.TABS.items())
    return (
        f'<div class="static">\n<header><h1>{escape(reader.words["title"])}{period}</h1>'
        f'<p class="note">{escape(reader.words["noscript"])}</p></header>\n{"".join(tabs)}</div>\n'
    )

"""One self-contained page of the published KPIs, for leaders: published/dashboard.html.

Built from the published file alone. All numbers are selected by queries.sql; the page looks them
up and formats them. No request is made when it is opened, and its policy forbids any.
"""

from __future__ import annotations

import argparse
import json
import string
import sys
import time
from functools import cache
from pathlib import Path

import vl_convert
import yaml

from harness.dashboard import charts, data, layout, static

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LANGUAGES = ("en", "fr")
RUNTIME = "window.vegaEmbed = vegaEmbed;"


def in_script(value: object) -> str:
    """JSON that cannot end the script element that it stands in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")


@cache
def runtime() -> str:
    """Vega and Vega-Embed, which cannot end the script element that they stand in either."""
    bundle = vl_convert.javascript_bundle(RUNTIME, vl_version=charts.VEGA_LITE)
    return bundle.replace("</script", "<\\/script")


def contents(sets: dict[str, list[data.Row]], currency: str, language: str) -> dict[str, object]:
    """What the page knows beside the data: words, tabs, charts, and what each KPI is."""
    words = yaml.safe_load((HERE / "words.yml").read_text(encoding="utf-8"))
    segments: dict[str, list[str]] = {}
    for row in sets["kpis"]:
        known = segments.setdefault(row["kpi"], [])
        if row["segment_type"] not in ("all", *known):
            known.append(row["segment_type"])
    order = ["channel", "device_type", "country_code"]
    kpis = {
        row["kpi"]: {
            "label": [row["label"], row["label_fr"] or row["label"]],
            "unit": row["unit"],
            "direction": row["direction"],
            "accumulates": row["accumulates"],
            "segments": sorted(
                segments.get(row["kpi"], []),
                key=lambda type: (order.index(type) if type in order else len(order), type),
            ),
        }
        for row in sets["definitions"]
    }
    choices = [choice for choice in sets["choices"] if choice["is_choice"]]
    over = [choice for choice in choices if choice["grain"] == "month" and choice["is_complete"]]
    return {
        "languages": LANGUAGES,
        "language": language,
        "currency": currency,
        "period": (over or choices or [{"period": None}])[-1]["period"],
        "tabs": layout.TABS,
        "figures": {
            name: {
                "spec": figure.spec(),
                "data": figure.data,
                "table": figure.table,
                "where": figure.where,
                "cut_by": figure.cut_by,
                "needs": figure.needs,
                "known": figure.known,
                "is_wide": figure.is_wide,
                "is_dense": figure.is_dense,
            }
            for name, figure in charts.FIGURES.items()
        },
        "kpis": kpis,
        "words": {
            name: {key: texts[index] for key, texts in words["words"].items()}
            for index, name in enumerate(LANGUAGES)
        },
        "titles": words["figures"],
        "columns": words["columns"],
        "values": words["values"] | {"status": words["columns"]["status"]} | data.dates(sets),
    }


def build(published: Path, currency: str, language: str) -> str:
    started = time.perf_counter()

    def progress(step: str) -> None:
        print(f"  {time.perf_counter() - started:5.1f} s  {step}", file=sys.stderr, flush=True)

    progress(f"reading {published}")
    sets = data.read(published, {"kpis": layout.KPIS, "headline": layout.HEADLINE})
    progress("packing data and charts")
    page = contents(sets, currency, language)
    css = (HERE / "page.css").read_text(encoding="utf-8")
    packed = data.packed(sets)
    progress("drawing the pictures for readers without JavaScript")
    pictures = static.pictures(sets, page, css)
    progress("inlining Vega")
    template = string.Template((HERE / "page.html").read_text(encoding="utf-8"))
    html = template.substitute(
        language=language,
        title=page["words"][language]["title"],
        css=css,
        static=pictures,
        page=in_script(page),
        data=packed,
        runtime=runtime(),
        script=(HERE / "page.js").read_text(encoding="utf-8"),
    )
    progress(f"done, {len(html.encode()) / 1e6:.2f} MB")
    return html


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m harness dashboard", description=__doc__)
    parser.add_argument("--published", type=Path, default=Path("published/ecommerce_kpis.duckdb"))
    parser.add_argument("--to", type=Path, default=Path("published/dashboard.html"))
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the first view")
    parser.add_argument("--vars", default="{}", help="as for dbt: reporting_currency is read")
    arguments = parser.parse_args(argv)
    if not arguments.published.exists():
        print(f"there is no {arguments.published}; run make build first", file=sys.stderr)
        return 1
    defaults = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    currency = (defaults | yaml.safe_load(arguments.vars))["reporting_currency"]
    html = build(arguments.published, currency, arguments.language)
    arguments.to.parent.mkdir(parents=True, exist_ok=True)
    arguments.to.write_text(html, encoding="utf-8")
    print(f"wrote {arguments.to}; open it in a browser")
    return 0

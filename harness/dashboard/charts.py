"""The charts: Vega-Lite by Altair, over rows that the page selects and labels.

`@word` is a text of words.yml in the page's language (or `@format` and the like, by the KPI shown),
`$name` a colour of page.css. The field `<column>_label` is a text column as people read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import altair as alt
import vl_convert

VEGA_LITE = "6.4"

alt.data_transformers.disable_max_rows()

SMALL = "(datum.is_small || datum.is_mismatch)"
NO_AXIS = {"title": None, "domain": False, "ticks": False, "grid": False, "labelPadding": 10}
ROW = alt.Step(30)
FIT = alt.AutoSizeParams(type="fit-x", contains="padding")
PLAIN = {"title": None, "labelAngle": 0, "labelOverlap": "greedy", "grid": False}
CONFIG = {
    # the element around a chart says what it is, the table behind it has the rest
    "aria": False,
    "mark": {"aria": False},
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "$muted",
        "titleColor": "$muted",
        "gridColor": "$line",
        "domainColor": "$line",
        "tickColor": "$line",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 170,
    },
    "legend": {
        "labelColor": "$ink",
        "titleColor": "$muted",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "text": {"color": "$ink", "fontSize": 12},
}
# a date as lines under each other, so that more of them have room
LINES = "split(replace(datum.label, regexp('^(w/c|sem. du) '), ''), ' ')"


@dataclass
class Figure:
    """A chart with the table behind it, or, without `chart`, a table alone."""

    data: str
    # the columns of the table and how to write them: `label`, a unit, `flag`, or `kpi`: its unit
    table: dict[str, str]
    chart: alt.Chart | alt.LayerChart | None = None
    # which rows: column -> what of the page's state it has to equal
    where: dict[str, str] = field(default_factory=dict)
    # which of the filters the data is cut by; held to them, else the whole is shown and said so
    cut_by: tuple[str, ...] = ()
    # rows with this column null have nothing to draw
    needs: str | None = None
    is_wide: bool = False
    # cells with numbers in them, that a phone scrolls rather than squeezes
    is_dense: bool = False
    # where this is not known yet in the period, the newest one before it where it is
    known: str | None = None
    # pixels kept free on the right, for numbers beyond the end of the bars
    room: int = 0

    def spec(self) -> dict | None:
        """Compiled to Vega, so that the page has no more to do than to draw it."""
        if self.chart is None:
            return None
        lite = self.chart.properties(
            autosize=FIT, padding={"left": 4, "right": 4 + self.room, "top": 4, "bottom": 6}
        ).to_dict()
        del lite["$schema"]
        vega = vl_convert.vegalite_to_vega(lite | {"config": CONFIG}, vl_version=VEGA_LITE)
        del vega["$schema"]
        return vega


def rows(**sizes: object) -> alt.Chart:
    return alt.Chart(alt.NamedData("rows"), width="container", **sizes)


def axis(title: str | None = None, format: str = "@format", **options: object) -> alt.Axis:
    return alt.Axis(
        title=title, format=format, tickCount=5, labelOverlap=True, labelSeparation=8, **options
    )


def y_of(column: str, sort: alt.EncodingSortField | None = None) -> alt.Y:
    """Categories from top to bottom, in the order of the rows; their parts under each other."""
    axis = alt.Axis(labelExpr="split(datum.label, ' · ')", **NO_AXIS)
    return alt.Y(f"{column}_label:N", sort=sort, axis=axis)


def tip(column: str, format: str | None = None) -> alt.Tooltip:
    """A line of the tooltip, by the word of the column."""
    if format is None:
        return alt.Tooltip(f"{column}_label:N", title=f"@{column}")
    return alt.Tooltip(f"{column}:Q", title=f"@{column}", format=format)


def shade(colour: str = "$accent") -> object:
    """Grey where the sample is small."""
    return alt.condition(SMALL, alt.value("$faint"), alt.value(colour))


MONEY, WHOLE, SHARE, TIMES = "@money", ",.0f", ".1~%", ".2~f"


def written(format: str) -> str:
    """The format of a number that stands in the chart: sums of money without cents."""
    return {MONEY: "@rounded", "@format": "@label"}.get(format, format)


def spark() -> alt.LayerChart:
    base = rows(height=34).encode(
        x=alt.X("period_label:O", sort=None, axis=None),
        y=alt.Y("value:Q", axis=None, scale=alt.Scale(zero=False)),
    )
    last = base.transform_filter("datum.is_shown")
    return base.mark_line(color="$accent", strokeWidth=1.5) + last.mark_point(
        color="$accent", filled=True, size=36, opacity=1
    )


def period_axis() -> alt.X:
    return alt.X("period_label:O", sort=None, axis=alt.Axis(labelExpr=LINES, **PLAIN))


def trend(is_sum: bool) -> alt.LayerChart:
    """A KPI over time: against a year ago, its interval and its target; open periods hollow."""
    tips = [
        tip("period"),
        tip("value", "@format"),
        tip("low", "@format"),
        tip("high", "@format"),
        tip("year_ago", "@format"),
        tip("target", "@format"),
    ]
    x = period_axis()
    scale = alt.Scale(zero=is_sum)
    base = rows(height=240).encode(x=x, tooltip=tips)
    value = alt.Y("value:Q", scale=scale, axis=axis())
    # on a halo, as it runs over the bars
    past = base.encode(y=alt.Y("year_ago:Q", scale=scale))
    year_ago = past.mark_line(color="$paper", strokeWidth=4) + past.mark_line(
        color="$second", strokeDash=[5, 3], strokeWidth=2
    )
    target = base.mark_tick(color="$ink", thickness=2, width=16).encode(
        y=alt.Y("target:Q", scale=scale)
    )
    if is_sum:
        bars = base.mark_bar(stroke="$accent", strokeWidth=1).encode(
            y=value,
            color=shade(),
            fillOpacity=alt.condition("datum.is_open", alt.value(0.25), alt.value(0.9)),
        )
        return bars + year_ago + target
    band = base.mark_area(color="$accent", opacity=0.18).encode(
        y=alt.Y("low:Q", scale=scale), y2="high:Q"
    )
    line = base.mark_line(color="$accent", strokeWidth=2).encode(y=value)
    points = base.mark_point(size=50, opacity=1, strokeWidth=1.5).encode(
        y=alt.Y("value:Q", scale=scale),
        stroke=shade(),
        fill=alt.condition(f"{SMALL} || datum.is_open", alt.value("$paper"), alt.value("$accent")),
    )
    return band + year_ago + line + points + target


def breakdown(is_sum: bool) -> alt.LayerChart:
    """A KPI by segment, with the interval, the highest first."""
    order = alt.EncodingSortField("value", op="max", order="descending")
    tips = [
        tip("segment_value"),
        tip("value", "@format"),
        tip("low", "@format"),
        tip("high", "@format"),
        tip("is_small"),
    ]
    base = rows(height=ROW).encode(y=y_of("segment_value", order), tooltip=tips)
    x = alt.X("value:Q", axis=axis(), scale=alt.Scale(zero=is_sum))
    if is_sum:
        return base.mark_bar().encode(x=x, color=shade()) + base.mark_text(
            align="left", dx=5
        ).encode(x=x, text=alt.Text("value:Q", format=written("@format")))
    interval = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", scale=alt.Scale(zero=False)), x2="high:Q", color=shade()
    )
    return interval + dots(base, x)


def dots(base: alt.Chart, x: alt.X, colour: str = "$accent") -> alt.Chart:
    """Full points; hollow and grey ones for small samples."""
    return base.mark_point(size=80, opacity=1, strokeWidth=2).encode(
        x=x, stroke=shade(colour), fill=alt.condition(SMALL, alt.value("$paper"), alt.value(colour))
    )


def zero() -> alt.Chart:
    return rows().mark_rule(color="$muted").encode(x=alt.datum(0))


def intervals(
    y: str,
    low: str,
    value: str,
    high: str,
    format: str,
    title: str | None,
    rule: bool,
    row: int = 30,
) -> alt.LayerChart:
    """Estimates with their intervals, one a row."""
    base = rows(height=alt.Step(row)).encode(
        y=y_of(y), tooltip=[tip(y), tip(value, format), tip(low, format), tip(high, format)]
    )
    x = alt.X(f"{value}:Q", axis=axis(title, format), scale=alt.Scale(zero=False))
    spread = base.mark_rule(strokeWidth=2).encode(
        x=alt.X(f"{low}:Q"), x2=f"{high}:Q", color=shade()
    )
    layers = spread + dots(base, x)
    return zero() + layers if rule else layers


def drivers() -> alt.LayerChart:
    base = rows(height=ROW).encode(
        y=y_of("driver"),
        x=alt.X("contribution:Q", axis=axis("@contribution", MONEY)),
        tooltip=[
            tip("driver"),
            tip("contribution", MONEY),
            tip("value", ",.4~f"),
            tip("previous", ",.4~f"),
        ],
    )
    bars = base.mark_bar().encode(
        color=alt.condition("datum.contribution < 0", alt.value("$second"), alt.value("$accent"))
    )
    # beside the bar, or for a loss on the free side of zero
    text = base.mark_text(align="left", dx=5).encode(
        x=alt.X("end:Q"), text=alt.Text("contribution:Q", format="@signed")
    )
    return bars + zero() + text.transform_calculate(end="max(0, datum.contribution)")


def days() -> alt.LayerChart:
    """A KPI by day, in the range that its weekdays and level let expect."""
    base = rows(height=220).encode(
        x=alt.X("day_label:O", sort=None, axis=alt.Axis(labelExpr=LINES, ticks=False, **PLAIN)),
        tooltip=[
            tip("day"),
            tip("value", "@format"),
            tip("expected", "@format"),
            tip("lower", "@format"),
            tip("upper", "@format"),
        ],
    )
    band = base.mark_area(color="$faint", opacity=0.35).encode(
        y=alt.Y("lower:Q", axis=axis()), y2="upper:Q"
    )
    line = base.mark_line(color="$accent", strokeWidth=1.5).encode(y="value:Q")
    odd = base.transform_filter("datum.is_anomaly").mark_point(
        shape="diamond", size=130, fill="$second", stroke="$paper", opacity=1
    )
    return band + line + odd.encode(y="value:Q")


def dumbbell() -> alt.LayerChart:
    """What a customer costs, and what they bring in 90 days and in a year."""
    return measures(
        "channel",
        {"cac": "square", "clv_90d": "circle", "clv_365d": "triangle-up"},
        MONEY,
        "@per_customer",
    )


def measures(
    y: str, shapes: dict[str, str], format: str, title: str, rule: str | None = None
) -> alt.LayerChart:
    """Several measures of each category on one scale, told apart by shape as well as colour."""
    colours = ["$accent", "$second", "$third", "$fourth"][: len(shapes)]
    names = list(shapes)
    folded = (
        rows(height=ROW)
        .transform_fold(names, as_=["measure", "amount"])
        .transform_filter("isValid(datum.amount)")
    )
    words = "{" + ", ".join(f"'{name}': '@{name}'" for name in names) + "}[datum.label]"
    legend = alt.Legend(
        title=None, orient="top", labelExpr=words, columns=1, labelLimit=260, symbolStrokeWidth=2
    )
    points = folded.mark_point(size=90, filled=True, opacity=1).encode(
        y=y_of(y),
        x=alt.X("amount:Q", axis=axis(title, format)),
        shape=alt.Shape(
            "measure:N", scale=alt.Scale(domain=names, range=list(shapes.values())), legend=legend
        ),
        color=alt.Color("measure:N", scale=alt.Scale(domain=names, range=colours), legend=legend),
        opacity=alt.condition(SMALL, alt.value(0.45), alt.value(1)),
        tooltip=[tip(y), *(tip(name, format) for name in names)],
    )
    line = folded.mark_rule(color="$faint").encode(y=y_of(y), x="min(amount):Q", x2="max(amount):Q")
    layers = line + points
    if rule:
        layers = (
            rows().mark_rule(color="$ink", strokeDash=[4, 3]).encode(x=f"max({rule}):Q") + layers
        )
    return layers


def payback() -> alt.LayerChart:
    base = rows(height=ROW).encode(
        y=y_of("channel"),
        x=alt.X(
            "payback_days:Q",
            axis=axis("@days", WHOLE),
            scale=alt.Scale(domain={"unionWith": [0, 30]}),
        ),
        tooltip=[tip("channel"), tip("payback_days", WHOLE), tip("new_customers", WHOLE)],
    )
    return base.mark_bar().encode(color=shade()) + base.mark_text(align="left", dx=5).encode(
        text=alt.Text("payback_days:Q", format=WHOLE)
    )


def heat(
    x: alt.X,
    y: alt.Y,
    value: str,
    format: str,
    tips: list[alt.Tooltip],
    keep: str = "true",
    **sizes: object,
) -> alt.LayerChart:
    """Cells with their number in them: the colour only helps the eye."""
    base = rows(**sizes).transform_filter(keep).encode(x=x, y=y, tooltip=tips)
    cells = base.mark_rect(stroke="$paper", strokeWidth=1).encode(
        color=alt.Color(f"{value}:Q", scale=alt.Scale(range=["$low", "$high"]), legend=None),
        opacity=alt.condition(SMALL, alt.value(0.35), alt.value(1)),
    )
    text = base.mark_text(fontSize=11).encode(
        text=alt.Text(f"{value}:Q", format=written(format)),
        color=alt.condition(SMALL, alt.value("$muted"), alt.value("$ink")),
    )
    return cells + text


def top_axis(column: str, title: str | None = None, angle: int = 0) -> alt.X:
    return alt.X(
        f"{column}_label:O",
        sort=None,
        axis=alt.Axis(
            title=title,
            orient="top",
            labelAngle=angle,
            domain=False,
            ticks=False,
            grid=False,
            labelLimit=120,
        ),
    )


def funnel() -> alt.LayerChart:
    base = rows(height=ROW).encode(
        y=y_of("step"),
        tooltip=[
            tip("step"),
            tip("sessions", WHOLE),
            tip("step_rate", SHARE),
            tip("overall_rate", SHARE),
        ],
    )
    x = alt.X("sessions:Q", axis=axis("@sessions", ",.0f"))
    return base.mark_bar().encode(x=x, color=shade()) + base.mark_text(align="left", dx=5).encode(
        x=x, text=alt.Text("overall_rate:Q", format=SHARE)
    )


def bars(
    y: str, x: str, format: str, tips: list[alt.Tooltip], title: str, small: bool = True
) -> alt.LayerChart:
    base = rows(height=ROW).encode(
        y=y_of(y), x=alt.X(f"{x}:Q", axis=axis(title, format)), tooltip=tips
    )
    colour = shade() if small else alt.value("$accent")
    return base.mark_bar().encode(color=colour) + base.mark_text(align="left", dx=5).encode(
        text=alt.Text(f"{x}:Q", format=written(format))
    )


def stages() -> alt.LayerChart:
    base = rows(height=ROW).encode(
        y=y_of("stage"),
        tooltip=[
            tip("stage"),
            tip("median", ",.1f"),
            tip("p90", ",.1f"),
            tip("shipments", WHOLE),
            tip("open_shipments", WHOLE),
        ],
    )
    wide = base.mark_bar(opacity=0.35).encode(
        x=alt.X("p90:Q", axis=axis("@hours", ",.0f")), color=shade()
    )
    narrow = base.mark_bar(height=10).encode(x="median:Q", color=shade())
    flag = base.transform_filter("datum.is_bottleneck || datum.is_warehouse_bottleneck").mark_text(
        align="left", dx=6, fontWeight="bold", text="◀ @bottleneck"
    )
    return wide + narrow + flag.encode(x="p90:Q")


TREND_TABLE = {
    "period": "label",
    "value": "kpi",
    "low": "kpi",
    "high": "kpi",
    "year_ago": "kpi",
    "target": "kpi",
    "projected": "kpi",
    "is_small": "flag",
}
CUT_TABLE = {
    "segment_value": "label",
    "value": "kpi",
    "low": "kpi",
    "high": "kpi",
    "is_small": "flag",
}
TREND = {
    "kpi": "kpi",
    "grain": "grain",
    "segment_type": "segment_type",
    "segment_value": "segment_value",
}
CUT = {"kpi": "kpi", "period": "period", "segment_type": "by"}
SEGMENT = {"period": "period", "segment_type": "segment_type", "segment_value": "segment_value"}
PERIOD = {"period": "period"}
EVERY = ("channel", "device_type", "country_code")

FIGURES: dict[str, Figure] = {
    "spark": Figure("kpis", {}, spark(), TREND),
    "trend_sum": Figure("kpis", TREND_TABLE, trend(True), TREND, needs="value"),
    "trend_level": Figure("kpis", TREND_TABLE, trend(False), TREND, needs="value"),
    "breakdown_sum": Figure("kpis", CUT_TABLE, breakdown(True), CUT, needs="value", room=56),
    "breakdown_level": Figure("kpis", CUT_TABLE, breakdown(False), CUT, needs="value"),
    "drivers": Figure(
        "drivers",
        {"driver": "label", "value": "number", "previous": "number", "contribution": "currency"},
        drivers(),
        SEGMENT | {"comparison": "comparison"},
        ("channel", "device_type"),
        room=56,
    ),
    "days": Figure(
        "days",
        {
            "day": "label",
            "value": "kpi",
            "expected": "kpi",
            "lower": "kpi",
            "upper": "kpi",
            "is_anomaly": "flag",
        },
        days(),
        {"kpi": "kpi"},
        is_wide=True,
    ),
    "anomalies": Figure(
        "anomalies",
        {
            "day": "label",
            "kpi": "label",
            "segment_value": "label",
            "value": "kpi",
            "expected": "kpi",
            "lower": "kpi",
            "upper": "kpi",
            "direction": "direction",
            "event": "label",
        },
        is_wide=True,
    ),
    "targets": Figure(
        "targets",
        {
            "kpi": "label",
            "segment_value": "label",
            "period": "label",
            "value": "kpi",
            "target": "kpi",
            "attainment": "ratio",
            "status": "status",
            "owner": "label",
            "is_smart": "flag",
        },
        is_wide=True,
    ),
    "dumbbell": Figure(
        "channels",
        {
            "channel": "label",
            "cost": "currency",
            "new_customers": "count",
            "cac": "currency",
            "clv_90d": "currency",
            "clv_365d": "currency",
            "ltv_to_cac": "times",
            "is_small": "flag",
        },
        dumbbell(),
        PERIOD,
        needs="cac",
        known="clv_90d",
    ),
    "payback": Figure(
        "channels",
        {"channel": "label", "payback_days": "count", "new_customers": "count", "is_small": "flag"},
        payback(),
        PERIOD,
        needs="payback_days",
        known="clv_90d",
        room=40,
    ),
    "roas": Figure(
        "channels",
        {
            "channel": "label",
            "cost": "currency",
            "roas_platform": "times",
            "roas_last_click": "times",
            "roas_data_driven": "times",
            "break_even_roas": "times",
            "is_small": "flag",
        },
        measures(
            "channel",
            {
                "roas_platform": "square",
                "roas_last_click": "circle",
                "roas_data_driven": "triangle-up",
            },
            TIMES,
            "@roas_axis",
            "break_even_roas",
        ),
        PERIOD,
        needs="roas_platform",
    ),
    "marginal": Figure(
        "channels",
        {
            "channel": "label",
            "marginal_roas": "times",
            "marginal_roas_low": "times",
            "marginal_roas_high": "times",
            "break_even_roas": "times",
            "recommended_move": "label",
            "is_small": "flag",
        },
        intervals(
            "channel",
            "marginal_roas_low",
            "marginal_roas",
            "marginal_roas_high",
            TIMES,
            "@marginal_roas",
            True,
        ),
        PERIOD,
        needs="marginal_roas",
    ),
    "attribution": Figure(
        "attribution",
        {
            "channel": "label",
            "model": "label",
            "net_sales": "currency",
            "orders": "number",
            "roas": "times",
        },
        heat(
            top_axis("model", angle=-30),
            y_of("channel"),
            "net_sales",
            MONEY,
            [
                tip("channel"),
                tip("model"),
                tip("net_sales", MONEY),
                tip("orders", ",.1f"),
                tip("roas", TIMES),
            ],
            height=ROW,
        ),
        PERIOD,
        is_wide=True,
        room=36,
        is_dense=True,
    ),
    "funnel": Figure(
        "funnel",
        {
            "step": "label",
            "sessions": "count",
            "step_rate": "ratio",
            "overall_rate": "ratio",
            "is_small": "flag",
        },
        funnel(),
        SEGMENT,
        EVERY,
        room=48,
    ),
    "funnel_by_device": Figure(
        "funnel",
        {
            "segment_value": "label",
            "step": "label",
            "sessions": "count",
            "step_rate": "ratio",
            "overall_rate": "ratio",
            "is_small": "flag",
        },
        heat(
            top_axis("step", angle=-30),
            y_of("segment_value"),
            "step_rate",
            ".1%",
            [
                tip("segment_value"),
                tip("step"),
                tip("sessions", WHOLE),
                tip("step_rate", SHARE),
                tip("overall_rate", SHARE),
            ],
            keep="datum.step != 'session'",
            height=ROW,
        ),
        {"period": "period", "segment_type": "=device_type"},
        is_wide=True,
        needs="step_rate",
        room=36,
        is_dense=True,
    ),
    "causes": Figure(
        "causes",
        {"cause": "label", "carts": "count", "share": "ratio", "value": "currency"},
        bars(
            "cause",
            "share",
            SHARE,
            [tip("cause"), tip("carts", WHOLE), tip("share", SHARE), tip("value", MONEY)],
            "@share",
            False,
        ),
        SEGMENT,
        EVERY,
        room=48,
    ),
    "experiments": Figure(
        "experiments",
        {
            "experiment_metric": "label",
            "visitors": "count",
            "control_mean": "number",
            "mean": "number",
            "effect": "ratio",
            "low": "ratio",
            "high": "ratio",
            "p_value": "number",
            "always_valid_p_value": "number",
            "is_significant": "flag",
            "is_mismatch": "flag",
        },
        intervals("experiment_metric", "low", "effect", "high", SHARE, "@effect", True, row=44),
        is_wide=True,
    ),
    "cohorts": Figure(
        "cohorts",
        {
            "cohort": "label",
            "month": "count",
            "cohort_size": "count",
            "active_customers": "count",
            "retention": "ratio",
            "is_small": "flag",
        },
        heat(
            alt.X(
                "month:O",
                axis=alt.Axis(
                    title="@month", orient="top", labelAngle=0, domain=False, ticks=False
                ),
            ),
            y_of("cohort"),
            "retention",
            ".0%",
            [
                tip("cohort"),
                tip("month", "d"),
                tip("retention", SHARE),
                tip("active_customers", WHOLE),
                tip("cohort_size", WHOLE),
            ],
            height=alt.Step(26),
        ),
        is_wide=True,
        needs="month",
        is_dense=True,
    ),
    "margins": Figure(
        "cohorts",
        {
            "cohort": "label",
            "month": "count",
            "margin": "currency",
            "cohort_size": "count",
            "is_small": "flag",
        },
        heat(
            alt.X(
                "month:O",
                axis=alt.Axis(
                    title="@month", orient="top", labelAngle=0, domain=False, ticks=False
                ),
            ),
            y_of("cohort"),
            "margin",
            "$,.0f",
            [tip("cohort"), tip("month", "d"), tip("margin", MONEY), tip("cohort_size", WHOLE)],
            height=alt.Step(26),
        ),
        is_wide=True,
        needs="margin",
        is_dense=True,
    ),
    "rfm": Figure(
        "rfm",
        {
            "rfm_segment": "label",
            "customers": "count",
            "net_revenue": "currency",
            "expected_value": "currency",
            "is_small": "flag",
        },
        bars(
            "rfm_segment",
            "customers",
            WHOLE,
            [
                tip("rfm_segment"),
                tip("customers", WHOLE),
                tip("net_revenue", MONEY),
                tip("expected_value", MONEY),
            ],
            "@customers",
        ),
        room=40,
    ),
    "due": Figure(
        "due",
        {
            "customer": "label",
            "rfm_segment": "label",
            "channel": "label",
            "orders": "count",
            "recency_days": "count",
            "net_revenue": "currency",
            "probability": "ratio",
            "expected_value": "currency",
        },
        is_wide=True,
    ),
    "baskets": Figure(
        "baskets",
        {
            "level": "label",
            "orders": "count",
            "average_order_value": "currency",
            "items_per_order": "number",
            "gross_margin_per_order": "currency",
            "difference": "currency",
            "low": "currency",
            "high": "currency",
            "is_small": "flag",
        },
        intervals("level", "low", "difference", "high", MONEY, "@difference", True),
        PERIOD,
        needs="difference",
    ),
    "affinity": Figure(
        "affinity",
        {
            "antecedent": "label",
            "consequent": "label",
            "orders": "count",
            "confidence": "ratio",
            "lift": "times",
            "is_small": "flag",
        },
        heat(
            top_axis("consequent", angle=-30),
            y_of("antecedent"),
            "lift",
            ".2f",
            [
                tip("antecedent"),
                tip("consequent"),
                tip("orders", WHOLE),
                tip("confidence", SHARE),
                tip("lift", ".2f"),
            ],
            height=ROW,
        ),
        room=36,
        is_dense=True,
    ),
    "pairs": Figure(
        "pairs",
        {
            "product": "label",
            "with_product": "label",
            "orders": "count",
            "confidence": "ratio",
            "lift": "times",
            "is_small": "flag",
        },
        is_wide=True,
    ),
    "stock": Figure(
        "stock",
        {
            "stock_status": "label",
            "positions": "count",
            "stock_value": "currency",
            "excess_value": "currency",
        },
        bars(
            "stock_status",
            "stock_value",
            MONEY,
            [
                tip("stock_status"),
                tip("positions", WHOLE),
                tip("stock_value", MONEY),
                tip("excess_value", MONEY),
            ],
            "@stock_value",
            False,
        ),
        room=56,
    ),
    "reorders": Figure(
        "reorders",
        {
            "product": "label",
            "warehouse": "label",
            "category": "label",
            "stock_status": "label",
            "on_hand": "count",
            "on_order": "count",
            "days_of_cover": "count",
            "reorder_point": "count",
            "suggested": "count",
            "lost_sales": "number",
        },
        is_wide=True,
    ),
    "stages": Figure(
        "stages",
        {
            "stage": "label",
            "shipments": "count",
            "open_shipments": "count",
            "median": "hours",
            "p90": "hours",
            "is_bottleneck": "flag",
            "is_warehouse_bottleneck": "flag",
            "is_small": "flag",
        },
        stages(),
        SEGMENT,
        ("country_code",),
        room=96,
    ),
    "carriers_nps": Figure(
        "satisfaction",
        {
            "segment_value": "label",
            "answers": "count",
            "nps": "points",
            "nps_low": "points",
            "nps_high": "points",
            "is_small": "flag",
        },
        intervals("segment_value", "nps_low", "nps", "nps_high", ".0f", "@nps", False),
        {"segment_type": "=carrier"},
        needs="nps",
    ),
    "late_nps": Figure(
        "satisfaction",
        {
            "segment_value": "label",
            "answers": "count",
            "nps": "points",
            "nps_low": "points",
            "nps_high": "points",
            "is_small": "flag",
        },
        intervals("segment_value", "nps_low", "nps", "nps_high", ".0f", "@nps", False),
        {"segment_type": "=days_late"},
        needs="nps",
    ),
    "carriers_complaints": Figure(
        "satisfaction",
        {
            "segment_value": "label",
            "delivered": "count",
            "complaints": "ratio",
            "complaints_low": "ratio",
            "complaints_high": "ratio",
        },
        intervals(
            "segment_value",
            "complaints_low",
            "complaints",
            "complaints_high",
            SHARE,
            "@complaints",
            False,
        ),
        {"segment_type": "=carrier"},
        needs="complaints",
    ),
    "accounting": Figure(
        "accounting",
        {
            "table_name": "label",
            "rows_read": "count",
            "rows_accepted": "count",
            "rows_superseded": "count",
            "rows_rejected": "count",
        },
        is_wide=True,
    ),
}

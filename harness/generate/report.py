"""planted_truth.json: every planted parameter with its unit and a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.generate import (
    baskets,
    catalogue,
    channels,
    events,
    fulfilment,
    journeys,
    people,
    stock,
    timeline,
)
from harness.generate.truth import Truth, euros
from harness.generate.write import Sink


def _item(value: Any, unit: str, about: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "about": about}


def planted_truth(seed: int, scale: float, truth: Truth, sink: Sink) -> dict[str, Any]:
    """The whole document."""
    return {
        "about": (
            "What the generator planted in the demo shop. Made-up data, no real persons. "
            "Money is net of tax."
        ),
        "run": {
            "seed": seed,
            "scale": scale,
            "first_day": str(timeline.FIRST),
            "last_day": str(timeline.LAST),
            "as_of": str(timeline.LAST),
            "timezone": "UTC",
            "reporting_currency": "EUR",
        },
        "totals": _totals(truth),
        "rows": _rows(sink),
        "calendar": _calendar(),
        "customers": _customers(truth),
        "channels": _channels(truth),
        "conversion": _conversion(truth),
        "cart": _cart(truth),
        "experiments": _experiments(truth),
        "orders": _orders(truth),
        "catalogue": _catalogue(),
        "fulfilment": _fulfilment(truth),
        "satisfaction": _satisfaction(truth),
        "ad_spend": _ad_spend(truth),
        "personal_data": _item(
            {"email": ["@example.org", "@example.com"], "postal_code": "ZZ and five characters"},
            "text",
            "Marks by which clear personal data can be found in what is published.",
        ),
        "leads": {
            k: _item(truth.plain[k], "leads", f"Clean rows: {k.replace('_', ' ')}.")
            for k in ("leads_with_session", "leads_without_session")
        },
    }


def _totals(truth: Truth) -> dict[str, Any]:
    money = ("gross_sales", "discounts", "net_sales", "refunds")
    about = {
        "gross_sales": (
            "Quantity x unit price of valid orders, at the rate of the order's day, by ordered_at."
        ),
        "discounts": "Discounts of the lines of valid orders, by ordered_at.",
        "net_sales": "gross_sales - discounts, by ordered_at.",
        "refunds": "Refunds of valid orders, at the rate of the refund's day, by refunded_at.",
        "valid_orders": (
            "Orders paid, processing, shipped or delivered, no test order, not of a test customer."
        ),
        "sessions": "Sessions that are not bots', by started_at.",
        "visitors": "Distinct visitor_id of these sessions in each month.",
        "new_customers": "Customers whose first valid order falls in the month.",
    }
    result: dict[str, Any] = {}
    for name in money:
        whole = euros(sum(int(v) for v in truth.money[name]))
        result[name] = {
            "unit": "EUR",
            "about": about[name],
            "total": whole,
            "by_month": truth.money_by_month(name),
        }
    for name in ("valid_orders", "sessions", "visitors", "new_customers"):
        months = truth.count_by_month(name)
        result[name] = {"unit": "count", "about": about[name], "by_month": months}
        if name != "visitors":
            result[name]["total"] = sum(months.values())
    return result


def _rows(sink: Sink) -> dict[str, Any]:
    tables = {
        name: {
            "read": count.read,
            "accepted": count.accepted,
            "superseded": count.superseded,
            "rejected": count.rejected,
            "by_reason": dict(sorted(count.rules.items())),
        }
        for name, count in sink.counts.items()
    }
    return {
        "about": (
            "Rows of each file. superseded: identical second copies and older copies of a "
            "key. by_reason counts "
            "every rule a rejected row breaks, so a row that breaks two is in both. Rows of "
            "rejected parents are in."
        ),
        "tables": tables,
    }


def _calendar() -> dict[str, Any]:
    return {
        "growth": _item(timeline.GROWTH_PER_YEAR, "per year", "Growth of arriving visitors."),
        "weekday": _item(
            dict(
                zip(
                    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                    timeline.WEEKDAY.tolist(),
                    strict=True,
                )
            ),
            "index",
            "Arrivals by weekday; orders of customers move by up to 3 days along it.",
        ),
        "month": _item(
            {f"{i + 1:02d}": v for i, v in enumerate(timeline.MONTH.tolist())},
            "index",
            "Arrivals by month of the year.",
        ),
        "events": [
            {
                "date": str(day),
                "days": length,
                "arrivals_factor": factor,
                "buying_factor": buying,
                "name": name,
            }
            for day, length, factor, buying, name in timeline.EVENTS
        ],
        "anomalies": [
            {"date": str(day), "kpi": kpi, "direction": direction, "factor": factor, "about": about}
            for day, kpi, direction, factor, about in timeline.ANOMALIES
        ],
    }


def _customers(truth: Truth) -> dict[str, Any]:
    p, q, gamma = people.GAMMA["p"], people.GAMMA["q"], people.GAMMA["gamma"]
    return {
        "bg_nbd": _item(
            people.BGNBD,
            "weeks",
            (
                "Repeat orders of every customer with a valid order, from the first order to "
                "the end of the last day; one transaction a customer and day, x counts repeat "
                "days, t_x and T in days / 7. Repeat days then move by up to 3 days along "
                "weekdays and events, which leaves the rate as it is."
            ),
        ),
        "gamma_gamma": _item(
            people.GAMMA,
            "EUR",
            (
                "Net sales of a customer's purchase day: Gamma(p, rate v) with v ~ Gamma(q, "
                "rate gamma), independent of how often the customer buys; at least 4 EUR."
            ),
        ),
        "mean_spend": _item(
            round(p * gamma / (q - 1), 2), "EUR a purchase day", "p x gamma / (q - 1)."
        ),
        "covers": (
            "All valid orders with a customer_id (also those whose customer is missing from "
            "the customers table, and those placed in bot sessions). Not covered: guests, "
            "cancelled, unpaid and test orders."
        ),
        "customers_with_valid_order": _item(
            truth.plain["customers_with_valid_order"],
            "customers",
            "Customers that the models are fitted on.",
        ),
        "visitors_known_as_two_customers": _item(
            truth.plain["visitors_known_as_two_customers"],
            "visitors",
            "Devices on which two customers have logged in or bought, sessions of bots apart.",
        ),
        "customers_missing": _item(
            truth.plain["customers_missing_from_customers_table"],
            "customers",
            "Customers with orders and no row in customers.",
        ),
    }


def _channels(truth: Truth) -> dict[str, Any]:
    names = ("opened", "closed", "incremental", "last_click")
    opened, closed, lost, clicked = (truth.credit[name] for name in names)
    rows = [
        {
            "channel": name,
            "expected_first_orders_opened": round(float(opened[i]), 2),
            "expected_first_orders_closed": round(float(closed[i]), 2),
            "expected_first_orders": round(float(opened[i] + closed[i]), 2),
            "incremental_first_orders": round(float(lost[i]), 2),
            "last_click_first_orders": int(clicked[i]),
        }
        for i, name in enumerate(channels.CHANNELS)
    ]
    rows.sort(key=lambda row: -row["expected_first_orders"])
    tags = [
        {
            "channel": t.channel,
            "source": t.source,
            "medium": t.medium,
            "campaign": t.campaign,
            "referrer": t.referrer,
            "open": t.open,
            "close": t.close,
        }
        for t in channels.TAGS
    ]
    return {
        "about": (
            "The chance that a prospect buys in a session is factor x (base + close of its "
            "tag + sum of open over the person's sessions in the 30 days before), factor = "
            "device x day x experiment. expected_first_orders adds up these shares (exactly, "
            "from the planted chances, of planned journeys): the true ranking. "
            "incremental_first_orders is what is lost with the channel's effects at zero, "
            "visits unchanged. Last click gives an opener's share to the channel of the last "
            "session."
        ),
        "true_ranking": [row["channel"] for row in rows],
        "contribution": rows,
        "base": _item(
            channels.BASE,
            "probability a session",
            "Chance without any effect; its share of expected first orders is next.",
        ),
        "expected_first_orders_of_base": _item(
            round(float(truth.credit["base"][0]), 2),
            "orders",
            "Bought without any channel's doing.",
        ),
        "opener_window": _item(channels.OPENER_DAYS, "days", "How long an opener works."),
        "openers": ["paid_social", "display", "organic_social", "paid_video"],
        "closers": ["direct", "email", "affiliate", "paid_search (brand)", "sms", "mobile_push"],
        "tags": tags,
        "channels_planted": sorted(set(channels.CHANNELS)),
    }


def _conversion(truth: Truth) -> dict[str, Any]:
    return {
        "device_factor": _item(
            dict(zip(journeys.DEVICES, journeys.DEVICE_BUYS.tolist(), strict=True)),
            "times",
            "Factor on a prospect's chance to buy.",
        ),
        "mobile_weak_step": _item(
            "add_payment_info",
            "funnel step",
            (
                "From add_shipping_info to add_payment_info mobile loses far more than "
                "desktop: its share of long checkouts is more than double."
            ),
        ),
        "sessions_with_valid_order": _item(
            truth.plain["sessions_with_valid_order"],
            "sessions",
            "Sessions (no bots) with a valid order.",
        ),
        "sessions_with_begin_checkout": _item(
            truth.plain["sessions_with_begin_checkout"],
            "sessions",
            "Sessions (no bots) with begin_checkout.",
        ),
        "bot_sessions": _item(
            truth.plain["bot_sessions"],
            "sessions",
            "Sessions with is_bot true; one visitor has hundreds.",
        ),
        "guest_share": _item(people.GUEST_SHARE, "ratio", "Of prospects who buy."),
    }


def _cart(truth: Truth) -> dict[str, Any]:
    both = truth.causes.sum(axis=0)
    causes = {
        name: {
            "carts": int(both[i]),
            "carts_mobile": int(truth.causes[1, i]),
            "value_eur_or_gbp": f"{int(truth.cause_value[i]) / 100:.2f}",
            "signature": events.SIGNATURES[name],
        }
        for i, name in enumerate(events.CAUSES)
    }
    sent, back, reach = (int(v) for v in truth.credit["reminders"])
    return {
        "abandoned_with_planted_cause": _item(
            int(both.sum()),
            "carts",
            (
                "Sessions (no bots) with add_to_cart and no order. Carts whose order was "
                "cancelled, unpaid or a test come on top, see "
                "orders.sessions_with_order_that_does_not_count; they end with purchase and "
                "have no planted cause."
            ),
        ),
        "causes": causes,
        "order_of_causes": [
            "delivery_fee_revealed",
            "payment_failure",
            "long_checkout",
            "few_delivery_options",
            "form_error",
        ],
        "recovery": (
            "Sessions in the 7 days before an order are left carts with probability 0.45 "
            "(0.135 to 0.185 otherwise), on any of the person's devices."
        ),
        "reminder_effect": _item(
            people.REMINDER_EFFECT,
            "added probability",
            (
                "Chance of an order within about four days that a cart_reminder adds; only "
                "prospects whose last session left a cart, of whom half are written to at "
                "random. Reminders to known customers have no effect."
            ),
        ),
        "reminders_to_prospects": _item(
            {"reachable": reach, "sent": sent, "orders": back},
            "carts",
            "Randomised: sent against not sent among the reachable.",
        ),
    }


def _experiments(truth: Truth) -> dict[str, Any]:
    control, treated = truth.experiment["control"], truth.experiment["treatment"]
    first, second = journeys.EXPERIMENTS
    result = {}
    for name, start, stop, share, factor in (first, second):
        counts = {
            k.removeprefix(name + " visitors ").replace(" ", "_"): v
            for k, v in truth.plain.items()
            if k.startswith(name)
        }
        result[name] = {
            "started_on": str(start),
            "ended_on": str(stop),
            "planned_treatment_share": 0.5,
            "actual_treatment_share": share,
            "factor_on_chance_to_buy": factor,
            "visitors": counts,
            "about": (
                "Visitors in both variants are not in control and treatment. Prospects only, "
                "assigned at their first session inside."
            ),
        }
    result[first[0]]["expected_relative_lift"] = _item(
        round(treated / control - 1, 4),
        "ratio",
        (
            "Of converting prospects between their assignment and the end, everybody treated "
            "against nobody, from the planted chances."
        ),
    )
    result[second[0]]["expected_relative_lift"] = _item(0.0, "ratio", "None; the split is broken.")
    return result


def _orders(truth: Truth) -> dict[str, Any]:
    names = [
        "orders_of_registered_customers_valid",
        "guest_orders_valid",
        "valid_orders_without_session",
        "cancelled_orders",
        "unpaid_orders",
        "test_orders",
        "orders_of_test_customers",
        "orders_of_customers_missing_from_customers_table",
        "orders_placed_in_bot_sessions",
        "sessions_with_order_that_does_not_count",
        "refunds_of_orders_that_do_not_count",
        "split_orders",
    ]
    result: dict[str, Any] = {
        n: _item(truth.plain[n], "count", f"Clean rows: {n.replace('_', ' ')}.") for n in names
    }
    result["status"] = {
        k.removeprefix("orders_with_status_"): v
        for k, v in truth.plain.items()
        if k.startswith("orders_with_status_")
    }
    result["promotions"] = _item(
        dict(zip(baskets.PROMOTIONS, baskets.PROMOTION_RATE.tolist(), strict=True)),
        "ratio",
        "Discount of a code; gross prices are raised so that net sales stay as drawn.",
    )
    result["free_delivery_from"] = _item(
        baskets.FREE_FROM / 100,
        "currency of the order",
        "Merchandise from which delivery is mostly free.",
    )
    return result


def _catalogue() -> dict[str, Any]:
    def products(numbers: list[int]) -> list[str]:
        return [f"P{n:03d}" for n in numbers]

    return {
        "bought_together": [[f"P{a:03d}", f"P{b:03d}"] for a, b, _ in catalogue.PAIRS],
        "stock_outs": [
            {
                "product_id": f"P{n:03d}",
                "first_day": str(a),
                "last_day": str(b),
                "about": "on_hand 0 in all warehouses, no sales",
            }
            for n, a, b in catalogue.STOCKOUTS
        ],
        "dead_stock": _item(
            products(catalogue.DEAD_STOCK), "products", "On hand every day, never sold."
        ),
        "unknown_cost": _item(
            products(catalogue.NO_COST), "products", "unit_cost null in products and order_items."
        ),
        "null_category": products(catalogue.NO_CATEGORY),
        "null_brand": products(catalogue.NO_BRAND),
        "priced_in_gbp": products(catalogue.IN_POUNDS),
        "launched_late": {f"P{n:03d}": str(d) for n, d in catalogue.LATE_LAUNCH.items()},
        "discontinued": {
            f"P{n:03d}": str(d) for n, d in (catalogue.DISCONTINUED | catalogue.PLANNED_END).items()
        },
        "replenishment_lead": _item(
            dict(zip(catalogue.WAREHOUSES, stock.LEAD_DAYS, strict=True)),
            "days",
            "From ordering to receiving.",
        ),
    }


def _fulfilment(truth: Truth) -> dict[str, Any]:
    return {
        "slow_carrier": _item(
            fulfilment.CARRIERS[fulfilment.SLOW_CARRIER], "carrier", "Slow and late."
        ),
        "carrier_transit": _item(
            dict(zip(fulfilment.CARRIERS, fulfilment.CARRIER_DAYS.tolist(), strict=True)),
            "mean days, standard, at home",
            "1.1 more abroad, a quarter less by express; 3 hours on top.",
        ),
        "slow_warehouse": _item(
            catalogue.WAREHOUSES[catalogue.SLOW_WAREHOUSE],
            "warehouse",
            "Its bottleneck is picking.",
        ),
        "bottleneck_stage": _item("picking", "stage", "In the slow warehouse."),
        "stage_hours": _item(
            {
                s: dict(zip(catalogue.WAREHOUSES, h, strict=True))
                for s, h in fulfilment.STAGE_HOURS.items()
            },
            "mean hours",
            "Standard delivery; express 0.6 times, store 0.15 times.",
        ),
        "shipped_before_payment": _item(
            truth.plain["shipments_shipped_before_payment"],
            "shipments",
            "Handed over before the payment came.",
        ),
        "split_share": _item(fulfilment.SPLIT_SHARE, "ratio", "Orders sent in two parcels."),
        "status": {
            k.removeprefix("shipments_with_status_"): v
            for k, v in truth.plain.items()
            if k.startswith("shipments_with_status_")
        },
    }


def _satisfaction(truth: Truth) -> dict[str, Any]:
    by_late = {
        str(days): {"answers": n, "nps": round(100 * (p - d) / n, 1)}
        for days, (p, d, n) in sorted(truth.late_scores.items())
    }
    return {
        "nps_score_loss": _item(
            fulfilment.NPS_PER_DAY,
            "score points a day late",
            (
                "Of the mean answer, up to seven days; start 9.35, before rounding and "
                "clipping to 0..10."
            ),
        ),
        "csat_score_loss": _item(
            fulfilment.CSAT_PER_DAY, "score points a day late", "Start 4.45, clipped to 1..5."
        ),
        "nps_by_days_late": _item(
            by_late,
            "points",
            (
                "Planted answers to surveys with an order, by days the latest parcel was late "
                "(0: on time, 7: seven or more)."
            ),
        ),
        "complaint_rate": _item(
            {"base": fulfilment.COMPLAINT_BASE, "per_day_late": fulfilment.COMPLAINT_PER_DAY},
            "probability",
            "Chance of a complaint ticket; 0.6 at most.",
        ),
        "tickets_without_order": truth.plain["tickets_without_order"],
    }


def _ad_spend(truth: Truth) -> dict[str, Any]:
    campaigns = {}
    for i, c in enumerate(channels.CAMPAIGNS):
        campaigns[c.campaign_id] = {
            "platform": c.platform,
            "channel": c.channel,
            "overclaim": c.overclaim,
            "cents_per_click": c.click,
            "promoted_category": c.category,
            "sessions": int(truth.clicks[:, i].sum()),
            "orders_touched": int(truth.touched[:, i].sum()),
        }
    return {
        "campaigns": campaigns,
        "overclaim_about": (
            "platform_conversion_value = overclaim x net sales of every valid order with a "
            "touch of the campaign in the 30 days before it; every platform claims the whole "
            "order."
        ),
        "without_any_order": _item(
            channels.NO_SALES,
            "campaigns",
            "Spend and no order: the channel audio, and one paid_social campaign.",
        ),
        "channels_with_spend": sorted({c.channel for c in channels.CAMPAIGNS}),
        "clicks_are": "cents a click, dearer by 18 % a year and on event days",
        "total_touched_value": _item(
            f"{float(np.sum(truth.touched_value)) / 100:.2f}",
            "EUR",
            "Sum over campaigns; an order counts once for each campaign that touched it.",
        ),
    }

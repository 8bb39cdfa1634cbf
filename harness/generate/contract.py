"""The input tables, column by column, in contract order, and their form in parquet."""

from __future__ import annotations

import pyarrow as pa

TEXT, TIME, DATE, INT, BIG, BOOL, MONEY = (
    "varchar", "timestamp", "date", "integer", "bigint", "boolean", "decimal",
)  # fmt: skip

TABLES: dict[str, dict[str, str]] = {
    "customers": {
        "customer_id": TEXT, "email": TEXT, "created_at": TIME, "country_code": TEXT,
        "region": TEXT, "city": TEXT, "postal_code": TEXT, "is_test": BOOL, "loaded_at": TIME,
    },
    "products": {
        "product_id": TEXT, "sku": TEXT, "product_name": TEXT, "category": TEXT,
        "subcategory": TEXT, "brand": TEXT, "list_price": MONEY, "unit_cost": MONEY,
        "currency": TEXT, "launched_on": DATE, "discontinued_on": DATE, "loaded_at": TIME,
    },
    "orders": {
        "order_id": TEXT, "customer_id": TEXT, "session_id": TEXT, "ordered_at": TIME,
        "paid_at": TIME, "cancelled_at": TIME, "status": TEXT, "sales_channel": TEXT,
        "currency": TEXT, "shipping_amount": MONEY, "shipping_discount_amount": MONEY,
        "tax_amount": MONEY, "promotion_code": TEXT, "payment_method": TEXT,
        "country_code": TEXT, "postal_code": TEXT, "is_test": BOOL, "loaded_at": TIME,
    },
    "order_items": {
        "order_item_id": TEXT, "order_id": TEXT, "product_id": TEXT, "quantity": INT,
        "unit_price": MONEY, "discount_amount": MONEY, "unit_cost": MONEY, "loaded_at": TIME,
    },
    "refunds": {
        "refund_id": TEXT, "order_id": TEXT, "order_item_id": TEXT, "refunded_at": TIME,
        "amount": MONEY, "quantity": INT, "reason": TEXT, "currency": TEXT, "loaded_at": TIME,
    },
    "sessions": {
        "session_id": TEXT, "visitor_id": TEXT, "customer_id": TEXT, "started_at": TIME,
        "ended_at": TIME, "device_type": TEXT, "country_code": TEXT, "landing_page": TEXT,
        "referrer_host": TEXT, "utm_source": TEXT, "utm_medium": TEXT, "utm_campaign": TEXT,
        "utm_content": TEXT, "utm_term": TEXT, "is_bot": BOOL, "loaded_at": TIME,
    },
    "session_events": {
        "event_id": TEXT, "session_id": TEXT, "event_at": TIME, "event_name": TEXT,
        "page_path": TEXT, "product_id": TEXT, "quantity": INT, "value": MONEY,
        "currency": TEXT, "order_id": TEXT, "form_id": TEXT, "file_name": TEXT,
        "engagement_seconds": MONEY, "shipping_quote_amount": MONEY,
        "delivery_options_count": INT, "error_code": TEXT, "loaded_at": TIME,
    },
    "ad_spend": {
        "spend_date": DATE, "platform": TEXT, "campaign_id": TEXT, "campaign_name": TEXT,
        "channel": TEXT, "country_code": TEXT, "currency": TEXT, "cost": MONEY,
        "impressions": BIG, "clicks": BIG, "platform_conversions": MONEY,
        "platform_conversion_value": MONEY, "utm_source": TEXT, "utm_medium": TEXT,
        "utm_campaign": TEXT, "promoted_category": TEXT, "loaded_at": TIME,
    },
    "shipments": {
        "shipment_id": TEXT, "order_id": TEXT, "warehouse_id": TEXT, "carrier": TEXT,
        "delivery_mode": TEXT, "country_code": TEXT, "region": TEXT, "released_at": TIME,
        "picked_at": TIME, "packed_at": TIME, "shipped_at": TIME, "promised_on": DATE,
        "delivered_at": TIME, "status": TEXT, "shipping_cost": MONEY, "currency": TEXT,
        "loaded_at": TIME,
    },
    "surveys": {
        "survey_id": TEXT, "order_id": TEXT, "customer_id": TEXT, "survey_type": TEXT,
        "sent_at": TIME, "responded_at": TIME, "score": INT, "loaded_at": TIME,
    },
    "tickets": {
        "ticket_id": TEXT, "order_id": TEXT, "customer_id": TEXT, "visitor_id": TEXT,
        "contact_channel": TEXT, "ticket_type": TEXT, "topic": TEXT, "opened_at": TIME,
        "first_response_at": TIME, "resolved_at": TIME, "loaded_at": TIME,
    },
    "inventory_snapshots": {
        "snapshot_date": DATE, "warehouse_id": TEXT, "product_id": TEXT, "on_hand": INT,
        "on_order": INT, "unit_cost": MONEY, "loaded_at": TIME,
    },
    "experiment_assignments": {
        "experiment_id": TEXT, "visitor_id": TEXT, "variant": TEXT, "assigned_at": TIME,
        "loaded_at": TIME,
    },
    "messages": {
        "message_id": TEXT, "customer_id": TEXT, "visitor_id": TEXT, "message_type": TEXT,
        "channel": TEXT, "sent_at": TIME, "opened_at": TIME, "clicked_at": TIME,
        "loaded_at": TIME,
    },
    "leads": {
        "lead_id": TEXT, "visitor_id": TEXT, "session_id": TEXT, "customer_id": TEXT,
        "form_id": TEXT, "channel": TEXT, "created_at": TIME, "qualified_at": TIME,
        "converted_at": TIME, "lost_at": TIME, "value": MONEY, "currency": TEXT,
        "loaded_at": TIME,
    },
    "pages": {
        "page_path": TEXT, "page_type": TEXT, "title": TEXT, "topic": TEXT,
        "published_on": DATE, "loaded_at": TIME,
    },
    "fx_rates": {
        "rate_date": DATE, "from_currency": TEXT, "to_currency": TEXT, "rate": MONEY,
        "loaded_at": TIME,
    },
}  # fmt: skip

# Tables that the shop exports as text throughout, so that unreadable values can reach the reader.
TEXT_TABLES = frozenset({"leads", "surveys"})

# Decimal places of columns that are not amounts in hundredths.
SCALES: dict[tuple[str, str], int] = {
    ("fx_rates", "rate"): 6,
    ("session_events", "engagement_seconds"): 1,
}

# Columns whose values hardly repeat but differ little from row to row.
DELTA_TEXT = {
    "customers": ["customer_id", "email"],
    "orders": ["order_id", "session_id"],
    "order_items": ["order_item_id", "order_id"],
    "refunds": ["refund_id", "order_id"],
    "sessions": ["session_id"],
    "session_events": ["event_id", "session_id"],
    "shipments": ["shipment_id", "order_id"],
    "surveys": ["survey_id"],
    "tickets": ["ticket_id"],
    "messages": ["message_id"],
    "leads": ["lead_id"],
}
DELTA_TIME = {
    "sessions": ["started_at", "ended_at"],
    "session_events": ["event_at"],
    "orders": ["ordered_at", "paid_at"],
    "inventory_snapshots": ["snapshot_date"],
}


def scale_of(table: str, column: str) -> int:
    """Decimal places of a decimal column."""
    return SCALES.get((table, column), 2)


def typed_schema(table: str) -> pa.Schema:
    """The table's columns with their contract types."""
    kinds = {
        TEXT: pa.string(), TIME: pa.timestamp("ms"), DATE: pa.date32(), INT: pa.int32(),
        BIG: pa.int64(), BOOL: pa.bool_(),
    }  # fmt: skip
    return pa.schema(
        [
            (name, pa.decimal128(14, scale_of(table, name)) if kind == MONEY else kinds[kind])
            for name, kind in TABLES[table].items()
        ]
    )


def file_schema(table: str) -> pa.Schema:
    """The table's columns as they stand in the file."""
    if table in TEXT_TABLES:
        return pa.schema([(name, pa.string()) for name in TABLES[table]])
    return typed_schema(table)

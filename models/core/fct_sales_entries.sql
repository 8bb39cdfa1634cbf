{#- The ledger of sales: what each order day sold and what each refund day gave back, line by
    line, so that every sum of money of the sales KPIs is one sum over one table. -#}
{% set order_segments = [
    'channel', 'acquisition_channel', 'acquisition_cohort', 'customer_type', 'device_type',
    'country_code', 'zone', 'sales_channel', 'promotion', 'shipping_fee', 'rfm_segment',
] %}

with

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

order_items as (

    select * from {{ ref('fct_order_items') }}

),

refunds as (

    select * from {{ ref('fct_refunds') }}

),

sales as (

    select
        concat('sale|', order_item_id) as entry_id,
        'sale' as entry_type,
        ordered_at as booked_at,
        ordered_on as booked_on,
        order_id,
        order_item_id,
        category,
        brand,
        quantity as units,
        gross_sales,
        discounts,
        net_sales,
        0 as refunds,
        net_sales as net_revenue,
        cost as cogs,
        -- "Margin KPIs count the lines with a known cost, in numerator and denominator alike"
        net_sales - cost as gross_margin,
        case when cost is not null then net_sales end as costed_net_revenue,
        0 as refunds_of_orders,
        0 as units_refunded_of_orders
    from order_items

),

-- "net_sales - refunds, each refund booked on the day it was made"
refunds_on_their_day as (

    select
        concat('refund|', refund_id) as entry_id,
        'refund' as entry_type,
        refunded_at as booked_at,
        refunded_on as booked_on,
        order_id,
        order_item_id,
        category,
        brand,
        0 as units,
        0 as gross_sales,
        0 as discounts,
        0 as net_sales,
        amount as refunds,
        -amount as net_revenue,
        -returned_cost as cogs,
        case when has_known_cost then returned_cost - amount end as gross_margin,
        case when has_known_cost then -amount end as costed_net_revenue,
        0 as refunds_of_orders,
        0 as units_refunded_of_orders
    from refunds

),

-- "refunds, ever, of the orders of the period": the same refunds once more, on the day of their
-- order
refunds_on_order_day as (

    select
        concat('refund_of_order|', refund_id) as entry_id,
        'refund_of_order' as entry_type,
        ordered_at as booked_at,
        ordered_on as booked_on,
        order_id,
        order_item_id,
        category,
        brand,
        0 as units,
        0 as gross_sales,
        0 as discounts,
        0 as net_sales,
        0 as refunds,
        0 as net_revenue,
        null as cogs,
        null as gross_margin,
        null as costed_net_revenue,
        amount as refunds_of_orders,
        -- "A refund without order_item_id [...] returns no units" of a product; its
        -- units are counted as it states them
        quantity as units_refunded_of_orders
    from refunds

),

entries as (

    select * from sales
    union all
    select * from refunds_on_their_day
    union all
    select * from refunds_on_order_day

),

described as (

    select
        entries.entry_id,
        entries.entry_type,
        entries.booked_at,
        entries.booked_on,
        orders.customer_id,
        entries.order_id,
        entries.order_item_id,
        {% for segment in order_segments -%}
        orders.{{ segment }},
        {% endfor -%}
        entries.category,
        entries.brand,
        cast(entries.units as bigint) as units,
        {% for amount in [
            'gross_sales', 'discounts', 'net_sales', 'refunds', 'net_revenue', 'cogs',
            'gross_margin', 'costed_net_revenue', 'refunds_of_orders',
        ] -%}
        cast(entries.{{ amount }} as {{ type_money() }}) as {{ amount }},
        {% endfor -%}
        cast(entries.units_refunded_of_orders as bigint) as units_refunded_of_orders
    from entries
    -- "Refunds of orders that are not valid do not count."
    inner join orders
        on entries.order_id = orders.order_id

)

select * from described

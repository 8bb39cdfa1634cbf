{#- A shipment is booked on the day it left (its cost) and on the day it arrived (on time or
    not). -#}
with

shipments as {{ inlined() }} (

    -- "Surveys of orders that are not valid count. Shipments of such orders do not."
    select * from {{ ref('fct_shipments') }}
    where is_valid_order

),

booked as {{ inlined() }} (

    select
        *,
        'shipped' as moment,
        shipped_on as booked_on
    from shipments

    union all

    select
        *,
        'delivered' as moment,
        delivered_on as booked_on
    from shipments

),

{{ rollup(
    'booked',
    segments=segment_set('delivery'),
    renamed={'warehouse': 'warehouse_id'},
    measures={
        'shipments_shipped': "count(*) filter (where moment = 'shipped')",
        'shipping_cost': "sum(shipping_cost) filter (where moment = 'shipped')",
        'shipments_delivered': "count(*) filter (where moment = 'delivered')",
        'shipments_promised':
            "count(*) filter (where moment = 'delivered' and is_on_time is not null)",
        'shipments_on_time': "count(*) filter (where moment = 'delivered' and is_on_time)",
    },
    counted='order_id',
    counts={'orders_with_shipping_cost': "moment = 'shipped' and shipping_cost is not null"},
) }}

select * from rolled_up

{#- An order is booked three times, each time with the measures of that moment: on the day its
    last parcel left, on the day its first one arrived, and on the day its last one arrived. -#}
with

order_fulfilment as {{ inlined() }} (

    select * from {{ ref('fct_order_fulfilment') }}
    where is_valid_order

),

booked as {{ inlined() }} (

    select
        *,
        'shipped' as moment,
        last_shipped_on as booked_on
    from order_fulfilment

    union all

    select
        *,
        'first_delivered' as moment,
        first_delivered_on as booked_on
    from order_fulfilment

    union all

    select
        *,
        'delivered' as moment,
        last_delivered_on as booked_on
    from order_fulfilment

),

{{ rollup(
    'booked',
    segments=segment_set('delivery'),
    renamed={'warehouse': 'warehouse_id'},
    measures={
        'orders_shipped': "count(*) filter (where moment = 'shipped')",
        'orders_first_delivered': "count(*) filter (where moment = 'first_delivered')",
        'orders_with_complaint':
            "count(*) filter (where moment = 'first_delivered' and has_complaint)",
        'orders_delivered': "count(*) filter (where moment = 'delivered')",
        'orders_judged': "count(*) filter (where moment = 'delivered' and is_perfect is not null)",
        'orders_perfect': "count(*) filter (where moment = 'delivered' and is_perfect)",
    },
    exact_sums={
        'processing_hours': "case when moment = 'shipped' then processing_hours end",
        'delivery_days': "case when moment = 'delivered' then delivery_days end",
    },
    percentiles={
        'median_processing_hours':
            ("case when moment = 'shipped' then processing_hours end", 0.5),
        'p90_processing_hours': ("case when moment = 'shipped' then processing_hours end", 0.9),
    },
) }}

select * from rolled_up

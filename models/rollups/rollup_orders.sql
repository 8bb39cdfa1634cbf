with

booked as {{ inlined() }} (

    select
        *,
        ordered_on as booked_on
    from {{ ref('fct_orders') }}
    where is_valid_order

),

{{ rollup(
    'booked',
    segments=segment_set('order'),
    measures={
        'orders': 'count(*)',
        'net_sales': 'sum(net_sales)',
        'units': 'sum(units)',
        'orders_with_session': 'count(*) filter (where visitor_id is not null)',
        'net_sales_with_session':
            'coalesce(sum(net_sales) filter (where visitor_id is not null), 0)',
        'orders_with_promotion': "count(*) filter (where promotion = 'with_promotion')",
        'orders_shipped_free': "count(*) filter (where shipping_fee = 'free')",
        'orders_with_known_fee': "count(*) filter (where shipping_fee <> 'unknown')",
        'orders_of_several_categories': 'count(*) filter (where known_categories >= 2)',
    },
    percentiles={'median_order_value': ('net_sales', 0.5)},
) }}

select * from rolled_up

with

booked as (

    select * from {{ ref('fct_sales_entries') }}

),

{{ rollup(
    'booked',
    segments=segment_types(['order', 'item']),
    measures={
        'units': 'sum(units)',
        'gross_sales': 'sum(gross_sales)',
        'discounts': 'sum(discounts)',
        'net_sales': 'sum(net_sales)',
        'refunds': 'sum(refunds)',
        'net_revenue': 'sum(net_revenue)',
        'cogs': 'sum(cogs)',
        'gross_margin': 'sum(gross_margin)',
        'costed_net_revenue': 'sum(costed_net_revenue)',
        'costed_net_sales':
            "sum(case when entry_type = 'sale' and cogs is not null then net_sales end)",
        'refunds_of_orders': 'sum(refunds_of_orders)',
        'units_refunded_of_orders': 'sum(units_refunded_of_orders)',
    },
    counted='order_id',
    counts={'orders_with_lines': "entry_type = 'sale'"},
) }},

covered as (

    select
        *,
        {{ divide('costed_net_sales', 'net_sales') }} as cost_coverage
    from rolled_up

)

select * from covered

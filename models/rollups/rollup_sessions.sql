with

booked as {{ inlined() }} (

    select
        *,
        started_on as booked_on
    from {{ ref('fct_sessions') }}

),

{{ rollup(
    'booked',
    segments=segment_set('session'),
    measures={
        'sessions': 'count(*)',
        'sessions_with_order': 'count(*) filter (where orders > 0)',
        'orders': 'sum(orders)',
        'net_sales': 'sum(net_sales)',
        'sessions_with_view_item': 'count(*) filter (where has_view_item)',
        'sessions_with_cart': 'count(*) filter (where has_add_to_cart)',
        'sessions_with_cart_and_checkout':
            'count(*) filter (where has_add_to_cart and has_begin_checkout)',
        'sessions_with_checkout': 'count(*) filter (where has_begin_checkout)',
        'sessions_with_checkout_and_order':
            'count(*) filter (where has_begin_checkout and orders > 0)',
        'sessions_at_view_item': 'count(*) filter (where steps_reached >= 2)',
        'sessions_at_add_to_cart': 'count(*) filter (where steps_reached >= 3)',
        'sessions_at_begin_checkout': 'count(*) filter (where steps_reached >= 4)',
        'sessions_at_add_shipping_info': 'count(*) filter (where steps_reached >= 5)',
        'sessions_at_add_payment_info': 'count(*) filter (where steps_reached >= 6)',
        'sessions_at_purchase': 'count(*) filter (where steps_reached >= 7)',
        'page_views': 'sum(page_views)',
        'engagement_seconds': 'sum(engagement_seconds)',
        'sessions_engaged': 'count(*) filter (where is_engaged)',
        'sessions_with_download': 'count(*) filter (where has_file_download)',
        'sessions_with_lead': 'count(*) filter (where leads > 0)',
    },
    counted='visitor_id',
    counts={
        'visitors': 'true',
        'visitors_with_order': 'orders > 0',
        'visitors_returning': "visitor_type = 'returning'",
    },
) }}

select * from rolled_up

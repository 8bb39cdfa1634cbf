-- What customers complain about, by the carrier of their order.
select
    coalesce(order_fulfilment.carrier, 'unknown') as carrier,
    coalesce(tickets.topic, 'unknown') as topic,
    count(*) as complaints,
    count(tickets.order_id) as complaints_with_order
from {{ ref('stg_tickets') }} as tickets
left join {{ ref('fct_order_fulfilment') }} as order_fulfilment
    on tickets.order_id = order_fulfilment.order_id
where tickets.ticket_type = 'complaint'
group by coalesce(order_fulfilment.carrier, 'unknown'), coalesce(tickets.topic, 'unknown')
order by complaints desc, carrier asc, topic asc

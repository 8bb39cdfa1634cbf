{#- The order quantity at which placing orders and holding stock cost least together (Harris 1913):
    sqrt(2 x yearly demand x cost of an order / cost of holding a unit for a year); 1,000 units, 10
    and 0.50 give 200. Null where holding costs nothing or an unknown amount.
    Example: {{ economic_order_quantity('yearly_demand', var('order_cost'), 'holding_cost') }} -#}
{%- macro economic_order_quantity(yearly_demand, order_cost, holding_cost) -%}
    sqrt({{ divide('2 * ' ~ yearly_demand ~ ' * ' ~ order_cost, holding_cost) }})
{%- endmacro -%}

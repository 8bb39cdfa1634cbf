{#- One set of measures for each cause, named <measure>_<cause>. -#}
{% set measures = {} %}
{% for cause in abandonment_causes() -%}
{% set is_cause = "cause = '" ~ cause ~ "'" -%}
{% do measures.update({
    'carts_' ~ cause: "count(*) filter (where " ~ is_cause ~ ")",
    'value_' ~ cause: "coalesce(sum(cart_value) filter (where " ~ is_cause ~ "), 0)",
    'recovered_' ~ cause: "count(*) filter (where " ~ is_cause ~ " and is_recovered)",
    'recovered_value_' ~ cause:
        "coalesce(sum(cart_value) filter (where " ~ is_cause ~ " and is_recovered), 0)",
    'mature_' ~ cause: "count(*) filter (where " ~ is_cause ~ " and is_mature_abandoned)",
    'mature_recovered_' ~ cause:
        "count(*) filter (where " ~ is_cause ~ " and is_mature_abandoned and is_recovered)",
}) -%}
{% endfor %}

with

booked as {{ inlined() }} (

    select
        *,
        started_on as booked_on
    from {{ ref('fct_carts') }}
    where is_abandoned

),

{{ rollup(
    'booked',
    segments=segment_set('session'),
    measures=measures,
    alike={'by': ['cause', 'is_recovered', 'is_mature_abandoned'], 'summed': ['cart_value']},
) }}

select * from rolled_up

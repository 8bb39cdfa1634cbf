{% set segments = [
    'carrier', 'delivery_mode', 'zone', 'warehouse', 'carrier+delivery_mode+zone', 'days_late',
] %}
{% set columns = {'warehouse': 'warehouse_id'} %}

with

surveys as (

    select * from {{ ref('fct_surveys') }}

),

orders_late as (

    select * from {{ ref('int_orders_late') }}

),

facts as (

    select
        surveys.carrier,
        surveys.delivery_mode,
        surveys.zone,
        surveys.warehouse_id,
        -- seven stands for a week or more; least() would take it for an unknown too
        cast(
            case when orders_late.days_late > 7 then 7 else orders_late.days_late end
            as {{ type_text() }}
        ) as days_late,
        'survey' as fact,
        surveys.survey_type,
        surveys.sent_at is not null as is_sent,
        surveys.responded_at is not null as is_answered,
        case when surveys.responded_at is not null then surveys.score end as score,
        null as has_complaint,
        null as has_repeat_90d
    from surveys
    left join orders_late
        on surveys.order_id = orders_late.order_id

    union all

    select
        carrier,
        delivery_mode,
        zone,
        warehouse_id,
        cast(case when days_late > 7 then 7 else days_late end as {{ type_text() }}) as days_late,
        'order' as fact,
        null as survey_type,
        null as is_sent,
        null as is_answered,
        null as score,
        has_complaint,
        has_repeat_90d
    from orders_late

),

segmented as (

    {% for type in ['all'] + segments -%}
    {% set parts = [] -%}
    {% for part in type.split('+') -%}
        {% do parts.append(
            "'all'" if part == 'all' else 'coalesce(' ~ columns.get(part, part) ~ ", 'unknown')"
        ) -%}
    {% endfor -%}
    select
        '{{ type }}' as segment_type,
        {{ parts[0] if parts | length == 1 else 'concat(' ~ parts | join(", '|', ") ~ ')' }}
            as segment_value,
        fact,
        survey_type,
        is_sent,
        is_answered,
        score,
        has_complaint,
        has_repeat_90d
    from facts
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

counted as (

    select
        segment_type,
        segment_value,
        count(case when is_sent then 1 end) as surveys_sent,
        count(case when is_sent and is_answered then 1 end) as surveys_answered,
        count(case when survey_type = 'nps' then score end) as nps_answers,
        count(case when survey_type = 'nps' and score >= 9 then 1 end) as nps_promoters,
        count(case when survey_type = 'nps' and score in (7, 8) then 1 end) as nps_passives,
        count(case when survey_type = 'nps' and score <= 6 then 1 end) as nps_detractors,
        count(case when survey_type = 'csat' then score end) as csat_answers,
        count(case when survey_type = 'csat' and score >= 4 then 1 end) as csat_satisfied,
        count(case when fact = 'order' then 1 end) as orders_delivered,
        count(case when has_complaint then 1 end) as orders_with_complaint,
        count(has_repeat_90d) as orders_followed,
        count(case when has_repeat_90d then 1 end) as orders_with_repeat
    from segmented
    group by segment_type, segment_value

),

rated as (

    select
        *,
        100 * {{ divide('nps_promoters - nps_detractors', 'nps_answers') }} as nps,
        -- the answers count 100, 0 and -100: normal interval of their mean
        100 * 1.959963984540054e0 * sqrt({{ divide(
            'nps_promoters + nps_detractors - '
            ~ divide(
                '(nps_promoters - nps_detractors) * (nps_promoters - nps_detractors)',
                'nps_answers',
            ),
            'nps_answers * nps_answers',
        ) }}) as nps_margin
    from counted

),

described as (

    select
        segment_type,
        segment_value,
        surveys_sent,
        surveys_answered,
        {{ divide('surveys_answered', 'surveys_sent') }} as survey_response_rate,
        nps_answers,
        nps_promoters,
        nps_passives,
        nps_detractors,
        nps,
        case when nps_answers > 0 then greatest(nps - nps_margin, -100) end as nps_ci_low,
        case when nps_answers > 0 then least(nps + nps_margin, 100) end as nps_ci_high,
        csat_answers,
        csat_satisfied,
        {{ divide('csat_satisfied', 'csat_answers') }} as csat,
        {{ wilson_bound('-', 'csat_satisfied', 'csat_answers') }} as csat_ci_low,
        {{ wilson_bound('+', 'csat_satisfied', 'csat_answers') }} as csat_ci_high,
        orders_delivered,
        orders_with_complaint,
        {{ divide('orders_with_complaint', 'orders_delivered') }} as complaint_rate,
        {{ wilson_bound('-', 'orders_with_complaint', 'orders_delivered') }}
            as complaint_rate_ci_low,
        {{ wilson_bound('+', 'orders_with_complaint', 'orders_delivered') }}
            as complaint_rate_ci_high,
        orders_followed,
        orders_with_repeat,
        {{ divide('orders_with_repeat', 'orders_followed') }} as repeat_rate_90d,
        {{ wilson_bound('-', 'orders_with_repeat', 'orders_followed') }} as repeat_rate_90d_ci_low,
        {{ wilson_bound('+', 'orders_with_repeat', 'orders_followed') }} as repeat_rate_90d_ci_high
    from rated

)

select * from described

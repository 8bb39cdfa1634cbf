{#- A survey is booked on the day it was sent and on the day it was answered. -#}
{% set nps = "moment = 'answered' and survey_type = 'nps'" %}
{% set csat = "moment = 'answered' and survey_type = 'csat'" %}

with

surveys as (

    select * from {{ ref('fct_surveys') }}

),

booked as (

    select
        *,
        'sent' as moment,
        sent_on as booked_on
    from surveys

    union all

    select
        *,
        'answered' as moment,
        responded_on as booked_on
    from surveys

),

{{ rollup(
    'booked',
    segments=segment_set('delivery'),
    renamed={'warehouse': 'warehouse_id'},
    measures={
        'surveys_sent': "count(*) filter (where moment = 'sent')",
        'surveys_sent_and_answered':
            "count(case when moment = 'sent' and responded_at is not null then 1 end)",
        'nps_answers': 'count(case when ' ~ nps ~ ' then score end)',
        'nps_promoters': 'count(case when ' ~ nps ~ ' and score >= 9 then 1 end)',
        'nps_detractors': 'count(case when ' ~ nps ~ ' and score <= 6 then 1 end)',
        'csat_answers': 'count(case when ' ~ csat ~ ' then score end)',
        'csat_satisfied': 'count(case when ' ~ csat ~ ' and score >= 4 then 1 end)',
    },
) }}

select * from rolled_up

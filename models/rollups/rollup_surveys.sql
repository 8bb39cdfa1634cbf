{#- A survey is booked on the day it was sent and on the day it was answered. -#}
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
        'surveys_sent_and_answered': "count(*) filter (where moment = 'sent' and responded_at is not null)",
        'nps_answers': "count(score) filter (where moment = 'answered' and survey_type = 'nps')",
        'nps_promoters': "count(*) filter (where moment = 'answered' and survey_type = 'nps' and score >= 9)",
        'nps_detractors': "count(*) filter (where moment = 'answered' and survey_type = 'nps' and score <= 6)",
        'csat_answers': "count(score) filter (where moment = 'answered' and survey_type = 'csat')",
        'csat_satisfied': "count(*) filter (where moment = 'answered' and survey_type = 'csat' and score >= 4)",
    },
) }}

select * from rolled_up

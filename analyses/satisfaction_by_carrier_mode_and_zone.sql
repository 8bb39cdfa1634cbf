-- NPS and complaints by carrier, mode and zone where there are answers enough to tell.
select
    segment_value as carrier_mode_zone,
    nps_answers,
    nps,
    nps_ci_low,
    nps_ci_high,
    csat,
    survey_response_rate,
    orders_delivered,
    complaint_rate
from {{ ref('satisfaction_by_delivery') }}
where
    segment_type = 'carrier+delivery_mode+zone'
    and nps_answers >= 10
order by nps, segment_value

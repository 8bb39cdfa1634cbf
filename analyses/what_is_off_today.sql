-- What left its expected range in the last seven days known and no event explains, the furthest
-- first.
select
    anomalies.period_start,
    catalogue.label,
    anomalies.segment_type,
    anomalies.segment_value,
    anomalies.value,
    anomalies.expected_value,
    anomalies.score
from {{ ref('kpi_anomalies') }} as anomalies
inner join {{ ref('kpi_catalogue') }} as catalogue
    on anomalies.kpi = catalogue.kpi
cross join {{ ref('int_as_of') }} as as_of
where
    anomalies.is_unexplained
    and anomalies.period_start > as_of.as_of - interval '7' day
order by abs(anomalies.score) desc nulls first

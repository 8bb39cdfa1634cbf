-- Two targets of one KPI, segment and grain that share a day: which one holds?
select
    one.target_id,
    other.target_id as other_target_id
from {{ ref('kpi_targets') }} as one
inner join {{ ref('kpi_targets') }} as other
    on
        one.kpi = other.kpi
        and one.segment_type = other.segment_type
        and one.segment_value = other.segment_value
        and one.period_grain = other.period_grain
        and one.target_id < other.target_id
        and one.starts_on <= other.ends_on
        and one.ends_on >= other.starts_on

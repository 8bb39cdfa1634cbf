-- Each target: where its KPI stands in the newest period that it holds for, and whether it is
-- SMART.
select
    scorecard.owner,
    review.statement,
    scorecard.label,
    scorecard.segment_value,
    scorecard.period_start,
    scorecard.value,
    scorecard.projected_value,
    scorecard.target_value,
    scorecard.attainment,
    scorecard.status,
    review.explanation
from {{ ref('kpi_targets_review') }} as review
left join {{ ref('kpi_scorecard') }} as scorecard
    on review.target_id = scorecard.target_id
qualify
    row_number() over (
        partition by review.target_id
        order by scorecard.period_start desc
    ) = 1
order by scorecard.attainment

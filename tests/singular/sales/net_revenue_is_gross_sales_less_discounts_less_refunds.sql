-- at every period and segment, to the last decimal
select
    period_grain,
    period_start,
    segment_type,
    segment_value
from {{ ref('rollup_sales') }}
where
    net_sales is distinct from gross_sales - discounts
    or net_revenue is distinct from net_sales - refunds

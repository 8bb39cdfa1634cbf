-- at every period and segment, to the last decimal
select *
from {{ ref('rollup_sales') }}
where
    net_sales is distinct from gross_sales - discounts
    or net_revenue is distinct from net_sales - refunds

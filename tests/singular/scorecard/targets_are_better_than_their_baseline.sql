-- By the KPI's direction; and a target that ends before it starts.
select
    targets.target_id,
    catalogue.direction
from {{ ref('kpi_targets') }} as targets
left join {{ ref('kpi_catalogue') }} as catalogue
    on targets.kpi = catalogue.kpi
where
    targets.ends_on < targets.starts_on
    or case
        when catalogue.direction = 'up' then targets.target_value <= targets.baseline_value
        when catalogue.direction = 'down' then targets.target_value >= targets.baseline_value
        else false
    end

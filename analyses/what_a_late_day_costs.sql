-- Late orders beside those on time, plain and at equal mix of carrier, mode and zone: differences,
-- not effects.
select
    outcome,
    lateness,
    observations,
    difference,
    ci_low,
    ci_high,
    difference_at_equal_mix,
    equal_mix_ci_low,
    equal_mix_ci_high
from {{ ref('lateness_cost') }}
order by outcome, lateness

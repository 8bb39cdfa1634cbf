{#- One KPI over one rollup, in the common shape of kpi_values. The rule is in the arguments;
 what the KPI is (unit, scale, segments,
    proportion, tables needed) is in its entry of _<domain>__kpis.yml.

    id           the KPI's id; the entry is that of the model kpi_<id>
    rollup       the rollup model
    numerator    a measure of it (or an expression over its measures)
    denominator  likewise; without one the value is the numerator (counts and sums)
    percentile   in place of a numerator: the measure that holds the percentile;
                 denominator is then the number of observations
    segments     only these segment types, in place of all of the entry's

    Example: {{ kpi('average_order_value', 'rollup_orders', numerator='net_sales',
    denominator='orders') }}-#}
{%- macro kpi(id, rollup, numerator=none, denominator=none, percentile=none, segments=none) -%}
{%- set relation = ref(rollup) -%}
{%- if execute -%}
{%- set meta = graph.nodes['model.' ~ project_name ~ '.kpi_' ~ id].config.meta.kpi -%}
{%- set types = ['all'] + segment_types(meta.segments) if segments is none else segments -%}
select
    '{{ id }}' as kpi,
    period_grain,
    period_start,
    period_end,
    segment_type,
    segment_value,
    cast({{ numerator or 'null' }} as {{ type_double() }}) as numerator,
    cast({{ denominator or 'null' }} as {{ type_double() }}) as denominator,
    {% if percentile -%}
    cast({{ percentile }} as {{ type_double() }}) as value,
    {%- elif denominator -%}
    {% if meta.scale %}{{ meta.scale }} * {% endif %}{{ divide(numerator, denominator) }} as value,
    {%- else -%}
    cast({{ numerator }} as {{ type_double() }}) as value,
    {%- endif %}
    {{ wilson_bound('-', numerator, denominator) if meta.proportion else 'cast(null as ' ~ type_double() ~ ')' }} as ci_low,
    {{ wilson_bound('+', numerator, denominator) if meta.proportion else 'cast(null as ' ~ type_double() ~ ')' }} as ci_high,
    is_complete_period
from {{ relation }}
where
    segment_type in ('{{ types | join("', '") }}')
    -- "no row where numerator and denominator are both null or zero"
    and (coalesce({{ numerator or 0 }}, 0) <> 0 or coalesce({{ denominator or 0 }}, 0) <> 0)
    {%- for table in meta.get('needs', []) if table in (var('missing_tables') or []) %}
    -- the shop has no table {{ table }}
    and false
    {%- endfor %}
{%- endif -%}
{%- endmacro -%}

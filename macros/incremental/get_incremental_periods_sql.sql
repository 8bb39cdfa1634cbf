{#- dbt's incremental strategy `periods`, of rollups: the periods that were counted again give way,
    segment type by segment type; a period without a row any more came as one without a
    segment value. -#}
{% macro get_incremental_periods_sql(arguments) %}
    {%- set columns = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
    delete from {{ arguments.target_relation }} as held
    using (
        select period_grain, period_start, segment_type
        from {{ arguments.temp_relation }}
        group by period_grain, period_start, segment_type
    ) as counted
    where
        held.period_grain = counted.period_grain
        and held.period_start = counted.period_start
        and held.segment_type = counted.segment_type;
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
    where segment_value is not null
{% endmacro %}

{#- The twin of int_clv_fitted.py where the adapter has no Python models: the same package fits, and
    the rows go through it as text (a script transformation), in one process. Spark sends the files of
    the package to where it runs them (a cluster takes no folder); there, PYSPARK_PYTHON is a Python
    that has numpy and scipy. -#}
{{ config(pre_hook=[
    "add file 'kpi_models/fit_stream.py'",
    "add file 'kpi_models/clv.py'",
    "add file 'kpi_models/bg_nbd.py'",
    "add file 'kpi_models/gamma_gamma.py'",
    "add file 'kpi_models/maximum.py'",
]) }}
{% set columns = [
    'customer_id', 'repeat_days', 'recency_days', 'age_days', 'mean_repeat_net_sales',
    'calibration_repeat_days', 'calibration_recency_days', 'calibration_age_days',
    'calibration_mean_repeat_net_sales', 'holdout_repeat_days', 'holdout_net_sales', 'holdout_days',
] %}

with

customers as (

    select
        {{ columns | join(',\n        ') }}
    from {{ ref('int_customers_transacted') }}

    union all

    -- the script runs for a shop without customers too
    select {% for column in columns %}null as {{ column }}{{ ', ' if not loop.last }}{% endfor %}

),

in_one_piece as (

    select /*+ repartition(1) */ *
    from customers

),

fitted as (

    select transform ({{ columns | join(', ') }})
    using '{{ env_var("PYSPARK_PYTHON", "python3") }} fit_stream.py {{ columns | join(" ") }}'
    as (parameter string, value double, note string)
    from in_one_piece

)

select * from fitted

{#- The union of every kpi_<id> model of the project. They are found in the project's graph, so
    that a new KPI is one SQL file and one YAML entry and nothing here; a new rollup is one line
    here, as dbt has to know what to build first. See docs/decisions.md. -#}
{% set rollups = [
    ref('rollup_orders'),
    ref('rollup_sales'),
    ref('rollup_sessions'),
    ref('rollup_order_fulfilment'),
    ref('rollup_shipments'),
    ref('rollup_surveys'),
    ref('rollup_backlog'),
    ref('rollup_carts'),
    ref('rollup_leads'),
    ref('rollup_lead_costs'),
    ref('rollup_tickets'),
    ref('rollup_contacts'),
    ref('rollup_forms'),
    ref('rollup_content_orders'),
    ref('rollup_customer_orders'),
    ref('rollup_customers'),
    ref('rollup_marketing'),
    ref('rollup_attribution'),
    ref('rollup_stock'),
    ref('rollup_forecasts'),
] %}

with

{% if execute -%}
every_kpi as (

    {% for node in kpi_models() %}
    {{ render(node.raw_code) }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

)

{%- endif %}

select * from every_kpi

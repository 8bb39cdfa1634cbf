{#- The names of the raw tables. The contract says what they are; this list says that they are,
    as dbt has to know what to build before it reads the contract (a test keeps the two equal).
    Example: {% for table in raw_tables() %} -#}
{% macro raw_tables() %}
    {%- do return([
        'customers', 'products', 'orders', 'order_items', 'refunds', 'sessions', 'session_events',
        'ad_spend', 'shipments', 'surveys', 'tickets', 'inventory_snapshots',
        'experiment_assignments', 'messages', 'leads', 'pages', 'fx_rates',
    ]) -%}
{% endmacro %}

{#- Stops the run with one sentence for each business parameter that cannot be used, before
    anything is built. Called on-run-start. Every var of dbt_project.yml has its kind here (a
    test keeps the two lists equal). -#}
{% macro check_settings() %}
    {%- if execute -%}
        {%- set kinds = {
            'raw_dir': 'text', 'missing_tables': 'tables', 'reporting_currency': 'currency', 'reporting_timezone': 'time zone',
            'as_of': 'day', 'attribution_window_days': 'days', 'cart_recovery_days': 'days', 'perfect_order_refund_days': 'days',
            'slow_mover_interval_days': 'number', 'promotion_day_discount_rate': 'share', 'service_level': 'share', 'lead_time_days': 'days',
            'lead_time_sd_days': 'number', 'warehouse_lead_time_days': 'days by name', 'order_cost': 'number', 'holding_cost_rate': 'number',
            'overstock_cover_days': 'days', 'dead_stock_days': 'days',
        } -%}
        {%- set problems = [] -%}
        {%- set given = invocation_args_dict.get('vars', {}) -%}
        {%- set given = fromyaml(given) if given is string else given -%}
        {%- for name in given if name not in kinds -%}
            {%- do problems.append("there is no var `" ~ name ~ "`; the vars are " ~ kinds | join(', ') ~ ".") -%}
        {%- endfor -%}
        {%- for name, kind in kinds.items() -%}
            {%- set value = var(name) -%}
            {%- if kind == 'currency' and not modules.re.match('^[A-Z]{3}$', value | string) -%}
                {%- do problems.append("the var `" ~ name ~ "` is `" ~ value ~ "`; give an ISO 4217 code such as EUR.") -%}
            {%- elif kind == 'time zone' and value not in modules.pytz.all_timezones -%}
                {%- do problems.append("the var `" ~ name ~ "` is `" ~ value ~ "`; give an IANA time zone such as Europe/Paris or UTC.") -%}
            {%- elif kind == 'day' and value is not none and not is_day(value | string) -%}
                {%- do problems.append("the var `" ~ name ~ "` is `" ~ value ~ "`; give a day as YYYY-MM-DD, or leave it out.") -%}
            {%- elif kind == 'days' and not (value is integer and value > 0) -%}
                {%- do problems.append("the var `" ~ name ~ "` is `" ~ value ~ "`; give a whole number of days above 0.") -%}
            {%- elif kind == 'number' and not (value is number and value is not boolean and value >= 0) -%}
                {%- do problems.append("the var `" ~ name ~ "` is `" ~ value ~ "`; give a number of 0 or more.") -%}
            {%- elif kind == 'share' and not (value is number and value is not boolean and 0 < value < 1) -%}
                {%- do problems.append("the var `" ~ name ~ "` is `" ~ value ~ "`; give a number between 0 and 1, such as 0.95.") -%}
            {%- elif kind == 'days by name' and not (value is mapping and value.values() | select('integer') | select('gt', 0) | list | length == value | length) -%}
                {%- do problems.append("the var `" ~ name ~ "` is `" ~ value ~ "`; give whole days above 0 by name, such as {\"WH-1\": 9}.") -%}
            {%- elif kind == 'tables' and (value is string or value is not iterable) -%}
                {%- do problems.append("the var `" ~ name ~ "` is `" ~ value ~ "`; give a list of tables, such as [\"refunds\"].") -%}
            {%- elif kind == 'tables' -%}
                {%- set tables = raw_tables() -%}
                {%- for table in value if table not in tables -%}
                    {%- do problems.append("`missing_tables` names `" ~ table ~ "`, which is no table of the contract; the tables are " ~ tables | join(', ') ~ ".") -%}
                {%- endfor -%}
                {%- for table in value if table in tables and contract(table).required -%}
                    {%- do problems.append("`missing_tables` names `" ~ table ~ "`, which no shop can do without; give the table, with no rows if need be.") -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do stop_with(problems) -%}
    {%- endif -%}
{% endmacro %}

{#- Whether a text is a day of the calendar, YYYY-MM-DD. -#}
{% macro is_day(text) %}
    {%- if not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', text) -%}
        {%- do return(false) -%}
    {%- endif -%}
    {%- set year, month, day = text[:4] | int, text[5:7] | int, text[8:] | int -%}
    {%- if year < 1 or month < 1 or month > 12 or day < 1 -%}
        {%- do return(false) -%}
    {%- endif -%}
    {%- set next_month = modules.datetime.date(year + (month // 12), month % 12 + 1, 1) -%}
    {%- do return(day <= (next_month - modules.datetime.timedelta(days=1)).day) -%}
{% endmacro %}

{#- Ends the run with the sentences given, if any. -#}
{% macro stop_with(problems) %}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error('Input: ' ~ problems | join('\nInput: ')) -%}
    {%- endif -%}
{% endmacro %}

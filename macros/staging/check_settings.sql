{#- Stops the run with one sentence for each business parameter that cannot be used, before
    anything is built. Called on-run-start. Every var of dbt_project.yml has its kind here (a
    test keeps the two lists equal). -#}
{% macro check_settings() %}
    {%- if execute -%}
        {%- set kinds = {
            'raw_dir': 'text', 'missing_tables': 'tables', 'sessions_from_events': 'flag', 'session_timeout_minutes': 'minutes',
            'session_starts_with_campaign': 'flag', 'reporting_currency': 'currency', 'reporting_timezone': 'time zone', 'as_of': 'day', 'look_back_days': 'days',
            'attribution_window_days': 'days', 'time_decay_half_life_days': 'days', 'cart_recovery_days': 'days',
            'payment_error_pattern': 'pattern', 'revealed_fee_share': 'share', 'few_delivery_options': 'count',
            'long_checkout_minutes': 'minutes', 'content_assist_days': 'days', 'experiment_pre_period_days': 'days',
            'perfect_order_refund_days': 'days', 'lapsed_after_days': 'days', 'annual_discount_rate': 'rate',
            'affinity_minimum_orders': 'minimum', 'shipping_fee_bands': 'limits', 'slow_mover_interval_days': 'number',
            'promotion_day_discount_rate': 'chance', 'service_level': 'chance', 'lead_time_days': 'days', 'lead_time_sd_days': 'number',
            'warehouse_lead_time_days': 'days by name', 'order_cost': 'number', 'holding_cost_rate': 'number',
            'overstock_cover_days': 'days', 'dead_stock_days': 'days', 'at_risk_attainment': 'chance', 'anomaly_threshold': 'number',
        } -%}
        {%- set wanted = {
            'flag': 'true or false',
            'text': 'a text',
            'currency': 'an ISO 4217 code such as EUR',
            'time zone': 'an IANA time zone such as Europe/Paris or UTC',
            'day': 'a day as YYYY-MM-DD, or leave it out',
            'days': 'a whole number of days above 0',
            'minutes': 'a whole number of minutes above 0',
            'minimum': 'a whole number above 0',
            'count': 'a whole number, 0 or more',
            'number': 'a number of 0 or more',
            'share': 'a share from 0 to 1',
            'rate': 'a share from 0 to below 1, such as 0.1 for 10 %',
            'chance': 'a number between 0 and 1, such as 0.95',
            'pattern': 'a regular expression, without quotation marks',
            'limits': 'a list of rising amounts above 0, such as [5, 10]',
            'days by name': 'whole days above 0 by name, such as {"WH-1": 9}',
            'tables': 'a list of tables, such as ["refunds"]',
        } -%}
        {%- set problems = [] -%}
        {%- set given = invocation_args_dict.get('vars', {}) -%}
        {%- set given = fromyaml(given) if given is string else given -%}
        {%- for name in given if name not in kinds -%}
            {%- do problems.append("there is no var `" ~ name ~ "`; the vars are " ~ kinds | join(', ') ~ ".") -%}
        {%- endfor -%}
        {%- for name, kind in kinds.items() -%}
            {%- set value = var(name) -%}
            {%- if not is_setting(kind, value) -%}
                {%- do problems.append("the var `" ~ name ~ "` is `" ~ value ~ "`; give " ~ wanted[kind] ~ ".") -%}
            {%- elif kind == 'tables' -%}
                {%- for table in value if table not in raw_tables() -%}
                    {%- do problems.append("`missing_tables` names `" ~ table ~ "`, which is no table of the contract; the tables are " ~ raw_tables() | join(', ') ~ ".") -%}
                {%- endfor -%}
                {%- for table in value if table in raw_tables() and contract(table).required -%}
                    {%- do problems.append("`missing_tables` names `" ~ table ~ "`, which no shop can do without; give the table, with no rows if need be.") -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if var('sessions_from_events') is true and 'session_events' in var('missing_tables') -%}
            {%- do problems.append("`sessions_from_events` is true and `session_events` is in `missing_tables`; sessions cannot be built without events.") -%}
        {%- endif -%}
        {%- do stop_with(problems) -%}
        {%- if not env_var('PII_SALT', '') and raw_dir() != 'data/demo' -%}
            {%- do log('PII_SALT is not set: e-mail addresses and postal codes are hashed without a salt.', info=true) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{#- Whether a value can be used as a setting of a kind. -#}
{% macro is_setting(kind, value) %}
    {%- set is_number = value is number and value is not boolean -%}
    {%- if kind == 'flag' -%} {%- do return(value is boolean) -%}
    {%- elif kind == 'currency' -%} {%- do return(modules.re.match('^[A-Z]{3}$', value | string) is not none) -%}
    {%- elif kind == 'time zone' -%} {%- do return(value in modules.pytz.all_timezones) -%}
    {%- elif kind == 'day' -%} {%- do return(value is none or is_day(value | string)) -%}
    {%- elif kind in ('days', 'minutes', 'minimum') -%} {%- do return(value is integer and value is not boolean and value > 0) -%}
    {%- elif kind == 'count' -%} {%- do return(value is integer and value is not boolean and value >= 0) -%}
    {%- elif kind == 'number' -%} {%- do return(is_number and value >= 0) -%}
    {%- elif kind == 'share' -%} {%- do return(is_number and 0 <= value <= 1) -%}
    {%- elif kind == 'rate' -%} {%- do return(is_number and 0 <= value < 1) -%}
    {%- elif kind == 'chance' -%} {%- do return(is_number and 0 < value < 1) -%}
    {%- elif kind == 'pattern' -%} {%- do return(value is string and value != '' and "'" not in value) -%}
    {%- elif kind == 'limits' -%} {%- do return(are_limits(value)) -%}
    {%- elif kind == 'days by name' -%}
        {%- do return(value is mapping and value.values() | select('integer') | select('gt', 0) | list | length == value | length) -%}
    {%- elif kind == 'text' -%} {%- do return(value is none or value is string) -%}
    {%- elif kind == 'tables' -%} {%- do return(value is iterable and value is not string and value is not mapping) -%}
    {%- endif -%}
    {%- do return(true) -%}
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

{#- Whether a value is a list of numbers above 0, each above the one before. -#}
{% macro are_limits(value) %}
    {%- if value is string or value is mapping or value is not iterable -%}
        {%- do return(false) -%}
    {%- endif -%}
    {%- set last = namespace(limit=0) -%}
    {%- for limit in value -%}
        {%- if limit is not number or limit is boolean or limit <= last.limit -%}
            {%- do return(false) -%}
        {%- endif -%}
        {%- set last.limit = limit -%}
    {%- endfor -%}
    {%- do return(value | length > 0) -%}
{% endmacro %}

{#- Ends the run with the sentences given, if any. -#}
{% macro stop_with(problems) %}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error('Input: ' ~ problems | join('\nInput: ')) -%}
    {%- endif -%}
{% endmacro %}

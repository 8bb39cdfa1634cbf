{#- Every rule of the contract that a row of `typed` breaks by itself, joined by `; `, null where
    it breaks none. The order: columns as in the contract, then the future, then row checks.
    Example: {{ broken_rules('order_items') }} -#}
{%- macro broken_rules(table) -%}
    {%- if execute -%}
        {%- set rules = [] -%}
        {%- set contract = contract(table) -%}
        {%- for column in contract.columns -%}
            {%- set name = 'typed.' ~ column.name -%}
            {%- if column.type != 'varchar' -%}
                {%- do rules.append((name ~ '__unreadable', "'not_a_" ~ column.type ~ ": " ~ column.name ~ "'")) -%}
            {%- endif -%}
            {%- if not column.nullable and not column.default -%}
                {%- set unreadable = '' if column.type == 'varchar' else ' and not coalesce(' ~ name ~ '__unreadable, false)' -%}
                {%- do rules.append((name ~ ' is null' ~ unreadable, "'missing: " ~ column.name ~ "'")) -%}
            {%- endif -%}
            {%- if column.accepted -%}
                {%- do rules.append((name ~ " not in ('" ~ column.accepted | join("', '") ~ "')", "'not_accepted: " ~ column.name ~ "'")) -%}
            {%- endif -%}
            {%- if column.check -%}
                {%- do rules.append(('not ' ~ name ~ ' ' ~ column.check, "'check_failed: " ~ column.name ~ "'")) -%}
            {%- endif -%}
        {%- endfor -%}
        {#- "An event more than one day after its own `loaded_at` is in the future and rejected
    (`promised_on` is a promise, not an event)." -#}
        {%- for column in contract.columns if column.type in ('timestamp', 'date') and not column.is_plan and column.name != 'loaded_at' -%}
            {%- do rules.append((
                'cast(typed.' ~ column.name ~ ' as timestamp) > ' ~ plus_days('typed.loaded_at', 1),
                "'in_the_future: " ~ column.name ~ "'",
            )) -%}
        {%- endfor -%}
        {%- for check in contract.row_checks -%}
            {%- do rules.append(('not (' ~ check.passes ~ ')', "'" ~ check.reason ~ "'")) -%}
        {%- endfor -%}
        nullif(
            concat_ws(
                '; ',
                {%- for condition, reason in rules %}
                case when {{ condition }} then {{ reason }} end{{ ',' if not loop.last }}
                {%- endfor %}
            ),
            ''
        )
    {%- else -%}
        cast(null as {{ type_text() }})
    {%- endif -%}
{%- endmacro -%}

{#- Why a row is rejected: what it breaks by itself (`own_reason`), then the rules of `more`, a
    list of {reason, breaks: condition}, for which the model has to join other tables.
    Example: {{ rejection_reason([no_parent('orders', 'order_id')]) }} -#}
{%- macro rejection_reason(more=[]) -%}
    nullif(
        concat_ws(
            '; ',
            typed.own_reason
            {%- for rule in more %},
            case when {{ rule.breaks }} then {{ rule.reason }} end
            {%- endfor %}
        ),
        ''
    )
{%- endmacro -%}

{#- The rule for a reference: `column` is filled and the joined `parent` key is null. For
    `rejection_reason`. -#}
{%- macro no_parent(table, column, key=none) -%}
    {%- do return({
        'reason': "'no_parent: " ~ table ~ "'",
        'breaks': 'typed.' ~ column ~ ' is not null and ' ~ table ~ '.' ~ (key or column) ~ ' is null',
    }) -%}
{%- endmacro -%}

{#- The rule for a currency without a rate on the day (joined as `fx_rates`). `amounts`: the
    columns to convert; with none given the row has to have a rate in any case. A row whose `day`
    is not known is rejected for that, not for a rate that may well be there. For
    `rejection_reason`. -#}
{%- macro no_rate(day, amounts=[]) -%}
    {%- set needed -%}
        typed.currency <> '{{ var("reporting_currency") }}' and fx_rates.rate is null and {{ day }} is not null
        {%- if amounts %} and coalesce(typed.{{ amounts | join(', typed.') }}) is not null{% endif %}
    {%- endset -%}
    {%- do return({'reason': "concat('no_rate: ', typed.currency)", 'breaks': needed}) -%}
{%- endmacro -%}

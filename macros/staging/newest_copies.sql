{#- The end of a base model: from `checked` (typed rows with `rejection_reason`) the CTE
    `newest_copies`, with the contract's columns, `others`, and `row_status` (accepted, superseded
    or rejected); for rejected rows their key and their whole content as JSON. Checks come first,
    then the newest valid copy of a key wins; equal loaded_at are told apart by content, so that
    the order of rows does not matter (personal data last: its hash depends on the salt, and the
    salt decides no number). Only rows whose key came more than once are sorted (`is_repeated`).
    Example: {{ newest_copies('orders', others=['reporting_rate']) }} select * from newest_copies -#}
{%- macro newest_copies(table, others=[]) -%}
    {%- if execute -%}
        {%- set contract = contract(table) -%}
        {%- set keys = contract.primary_key -%}
        {#- a text as it counts (no country is `unknown`), a date as it came: it may be none -#}
        {%- set key_texts = [] -%}
        {%- for key in keys -%}
            {%- set is_text = (contract.columns | selectattr('name', 'equalto', key) | first).type == 'varchar' -%}
            {%- set text = 'checked.' ~ key if is_text else 'cast(checked.raw_row.' ~ key ~ ' as ' ~ type_text() ~ ')' -%}
            {%- do key_texts.append('coalesce(' ~ text ~ ", '')") -%}
        {%- endfor -%}
marked as {{ inlined_in_full_builds() }} (

    select
        checked.{{ contract.columns | map(attribute='name') | join(', checked.') }},
        {%- for column in others %}
        checked.{{ column }},
        {%- endfor %}
        checked.rejection_reason,
        checked.is_repeated,
        case
            when checked.rejection_reason is not null
                then {{ 'coalesce(checked.kept_row_key, ' if is_incremental() }}concat_ws('|', {{ key_texts | join(', ') }}){{ ')' if is_incremental() }}
        end as row_key,
        case
            when checked.rejection_reason is not null
                then {{ 'coalesce(checked.kept_raw_row, ' if is_incremental() }}{{ json_text('checked.raw_row') }}{{ ')' if is_incremental() }}
        end as raw_row
    from checked

),

numbered as (

    select
        *,
        1 as copy_number
    from marked
    where not is_repeated

    union all

    select
        *,
        row_number() over (
            partition by {{ keys | join(', ') }}, rejection_reason is null
            order by
                loaded_at desc nulls last
                {%- for columns in (contract.columns | rejectattr('pii', 'defined'), contract.columns | selectattr('pii', 'defined')) %}
                {%- for column in columns if column.name not in keys and column.name != 'loaded_at' %},
                {{ column.name }} nulls last
                {%- endfor %}
                {%- endfor %}
        ) as copy_number
    from marked
    where is_repeated

),

newest_copies as (

    select
        {{ contract_columns(table) }},
        {%- for column in others %}
        {{ column }},
        {%- endfor %}
        rejection_reason,
        case
            when rejection_reason is not null then 'rejected'
            when copy_number = 1 then 'accepted'
            else 'superseded'
        end as row_status,
        row_key,
        raw_row
    from numbered

)
    {%- endif -%}
{%- endmacro -%}

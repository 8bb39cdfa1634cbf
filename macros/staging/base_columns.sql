{#- What a base model adds to the contract columns, from `checked` (typed rows with
    `rejection_reason`): `row_status` (accepted, superseded or rejected), and for rejected rows
    their key and their whole content as JSON. Checks come first, then the newest valid copy of
    a key wins; equal loaded_at are told apart by content, so that the order of rows does not
    matter (personal data last: its hash depends on the salt, and the salt decides no number).
    Example: select {{ contract_columns('orders') }}, {{ base_columns('orders') }} from checked -#}
{%- macro base_columns(table) -%}
    {%- if execute -%}
        {%- set contract = contract(table) -%}
        rejection_reason,
        case
            when rejection_reason is not null then 'rejected'
            when row_number() over (
                partition by {{ contract.primary_key | join(', ') }}, rejection_reason is null
                order by
                    loaded_at desc nulls last
                    {%- for columns in (contract.columns | rejectattr('pii', 'defined'), contract.columns | selectattr('pii', 'defined')) %}
                    {%- for column in columns if column.name not in contract.primary_key and column.name != 'loaded_at' %},
                    {{ column.name }} nulls last
                    {%- endfor %}
                    {%- endfor %}
            ) = 1 then 'accepted'
            else 'superseded'
        end as row_status,
        case
            when rejection_reason is not null
                then {{ 'coalesce(kept_row_key, ' if is_incremental() }}concat_ws('|', {% for key in contract.primary_key %}coalesce(cast(raw_row.{{ key }} as {{ type_text() }}), ''){{ ', ' if not loop.last }}{% endfor %}){{ ')' if is_incremental() }}
        end as row_key,
        case
            when rejection_reason is not null
                then {{ 'coalesce(kept_raw_row, ' if is_incremental() }}{{ json_text("raw_row") }}{{ ')' if is_incremental() }}
        end as raw_row
    {%- endif -%}
{%- endmacro -%}

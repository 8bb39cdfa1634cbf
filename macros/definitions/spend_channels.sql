{#- The channels that spend can have, by the input contract. Known once the project is parsed; empty before.
    Example: {% for channel in spend_channels() %} -#}
{%- macro spend_channels() -%}
    {%- set channels = [] -%}
    {%- if execute -%}
        {%- for column in contract('ad_spend').columns if column.name == 'channel' -%}
            {%- do channels.extend(column.accepted) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(channels) -%}
{%- endmacro -%}

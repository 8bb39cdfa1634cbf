{#- The segment types of a set of kpis.yml ("The sets of kpis.yml are complete"). Any other name
    is a segment type itself.
    Example: {{ segment_set('item') }} -#}
{%- macro segment_set(name) -%}
    {%- do return({
        'order': ['channel', 'acquisition_channel', 'acquisition_cohort', 'customer_type', 'device_type', 'country_code', 'zone', 'sales_channel',
                  'promotion', 'shipping_fee', 'rfm_segment'],
        'item': ['channel', 'acquisition_channel', 'acquisition_cohort', 'customer_type', 'device_type', 'country_code', 'zone', 'category', 'brand'],
        'session': ['channel', 'visitor_cohort', 'visitor_type', 'customer_type', 'device_type', 'country_code', 'device_type+visitor_type',
                    'device_type+customer_type', 'channel+device_type'],
        'customer': ['acquisition_channel', 'acquisition_cohort', 'country_code', 'zone', 'rfm_segment'],
        'cohort': ['acquisition_channel', 'acquisition_cohort', 'country_code', 'zone'],
        'spend': ['channel', 'platform', 'country_code'],
        'delivery': ['carrier', 'delivery_mode', 'zone', 'country_code', 'warehouse', 'channel', 'acquisition_cohort', 'carrier+delivery_mode'],
        'stage': ['carrier', 'delivery_mode', 'zone', 'country_code', 'warehouse', 'carrier+delivery_mode', 'carrier+delivery_mode+zone'],
        'stock': ['category', 'brand', 'warehouse'],
        'lead': ['channel', 'form_id', 'lead_cohort'],
        'ticket': ['ticket_type', 'topic', 'contact_channel'],
    }.get(name, [name])) -%}
{%- endmacro -%}

{#- The segment types of several sets, each once.
    Example: {{ segment_types(['order', 'item']) }} -#}
{%- macro segment_types(names) -%}
    {%- set types = [] -%}
    {%- for name in names -%}
        {%- for type in segment_set(name) if type not in types -%}
            {%- do types.append(type) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do return(types) -%}
{%- endmacro -%}

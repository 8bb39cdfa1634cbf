{#- Standard error of the difference of two means, from the standard errors of both. -#}
{%- macro welch_error(error, control_error) -%}
    sqrt({{ error }} * {{ error }} + {{ control_error }} * {{ control_error }})
{%- endmacro -%}

{#- Degrees of freedom of Welch's t-test (Satterthwaite), from the standard errors of both means and
    the number of observations behind each; null without variance or with a single observation.
    Example: {{ welch_degrees('error', 'observations', 'control_error', 'control_observations') }} -#}
{%- macro welch_degrees(error, observations, control_error, control_observations) -%}
    {{ divide(
        'power(' ~ error ~ ' * ' ~ error ~ ' + ' ~ control_error ~ ' * ' ~ control_error ~ ', 2)',
        'power(' ~ error ~ ', 4) / nullif(' ~ observations ~ ' - 1, 0)'
        ~ ' + power(' ~ control_error ~ ', 4) / nullif(' ~ control_observations ~ ' - 1, 0)',
    ) }}
{%- endmacro -%}

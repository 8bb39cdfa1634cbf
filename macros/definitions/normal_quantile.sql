{#- The standard normal quantile of a probability between 0.02425 and 0.97575 or in the tails beyond
    (P. J. Acklam's rational approximation, relative error below 1.15e-9): 0.95 gives 1.6449.
    Example: {{ normal_quantile(var('service_level')) }} -#}
{%- macro normal_quantile(probability) -%}
    {%- set p = 'cast(' ~ probability ~ ' as ' ~ type_double() ~ ')' -%}
    {%- set tail %}(-2 * ln(least({{ p }}, 1 - {{ p }}))){% endset -%}
    {%- set q = 'sqrt' ~ tail -%}
    {%- set centred -%} ({{ p }} - 0.5e0) {%- endset -%}
    {%- set r -%} ({{ centred }} * {{ centred }}) {%- endset -%}
    case
        when {{ p }} between 0.02425e0 and 0.97575e0 then
            (((((-3.969683028665376e1 * {{ r }} + 2.209460984245205e2) * {{ r }} - 2.759285104469687e2)
            * {{ r }} + 1.383577518672690e2) * {{ r }} - 3.066479806614716e1) * {{ r }} + 2.506628277459239e0)
            * {{ centred }}
            / (((((-5.447609879822406e1 * {{ r }} + 1.615858368580409e2) * {{ r }} - 1.556989798598866e2)
            * {{ r }} + 6.680131188771972e1) * {{ r }} - 1.328068155288572e1) * {{ r }} + 1e0)
        else
            sign({{ centred }}) * -1 * (((((-7.784894002430293e-3 * {{ q }} - 3.223964580411365e-1) * {{ q }}
            - 2.400758277161838e0) * {{ q }} - 2.549732539343734e0) * {{ q }} + 4.374664141464968e0) * {{ q }}
            + 2.938163982698783e0)
            / ((((7.784695709041462e-3 * {{ q }} + 3.224671290700398e-1) * {{ q }} + 2.445134137142996e0)
            * {{ q }} + 3.754408661907416e0) * {{ q }} + 1e0)
    end
{%- endmacro -%}

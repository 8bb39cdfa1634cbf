{{ kpi(
    'reminder_recovery_rate',
    'rollup_carts',
    numerator='carts_mature_recovered_after_reminder',
    denominator='carts_mature_reminded',
) }}

"""Statistical models of the KPI layer: pure functions on numpy arrays, no database.

`bg_nbd` and `gamma_gamma` are the published models, `clv` fits both on a shop's customers, checks
them on a hold-out period and says whether they can be trusted.
"""

"""The queue (*antrean*) of a hall: one stream for each hall and day, on pure rules.

`desk` is what the outside calls; `model` holds the values, `events` what happened, `rules` what may happen at the
counters and `arrivals` at the door, on what stands in `hall`; `fold` is how events change a `day`, `policies` and
`disciplines` what a regency may decide otherwise, `views` and `measures` what a day shows and counts. This room knows
nothing of permits, surveys or the web.
"""

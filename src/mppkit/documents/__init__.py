"""TOML that people write: read with limits, checked key by key, every problem noted with its place and none raised.

`files` turns a path into documents, `tables` reads them by key, `values` checks what stands under a key. What may stand
where (in a blueprint, a rehearsal profile, a readiness instrument) is said in the rooms above; this one knows none.
"""

"""What people write by hand or export: read with limits, and every problem told with its place.

TOML: `files` turns a path into documents, `tables` reads them by key, `values` checks what stands under a key. CSV:
`logs` reads a log of another system line by line, `instants` its dates and times. What may stand where (in a
blueprint, a rehearsal profile, a readiness instrument, a log) is said in the rooms above; this one knows none.
"""

"""Permits (*perizinan*): workflow, clock, risk, and what the region can carry.

One stream for each application, one for each zone's ledger, one for each year's register. Where to look:

- `desk`: what the outside calls; `recording`, `enforcing`: how what it does is recorded, and a run of the deadlines
- `workflow`, `soundness`, `ways`, `diagrams`: an application's way as data, what it must be, and how it is drawn
- `model`, `events`, `application`, `rules`, `policies`, `register`: one application, what happened to it, what may
- `timing`, `deadlines`: its working days, and what follows when they are over
- `capacity`, `capacity_*`, `claiming`: what a zone can carry, and an application with its zone in one commit
- `risk`, `risk_levels`, `risk_table`: what a business needs by its KBLI code
- `figures`, `explaining`, `telling`, `wording`: what it all comes to, and in plain words
- `history`, `case_*`: a case log from elsewhere

This room knows no queue, no survey and no person: an applicant is an id.
"""

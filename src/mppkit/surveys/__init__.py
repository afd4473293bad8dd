"""Surveys (*survei kepuasan masyarakat*): instruments, answers, and the index, done right once for everyone.

`instrument` is what is asked and how it is graded; `tally` sums answers, `index` scores them. This room knows no queue,
no ticket and no person.
"""

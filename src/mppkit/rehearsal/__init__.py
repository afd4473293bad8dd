"""A day that never was, or a real day again, on the real rules.

`profile` draws the visits of a day and `log` reads real ones; `engine` plays them on `steps` (the real desk, or its
bare rules), `survey` lets those who were served answer when they leave, `permits` lets them apply and the officers
work, `run` does so for whole days and counts, `report` tells it. This room opens no store and knows no Mall.
"""

from mppkit.rehearsal.habits import Habits, PermitHabits, SurveyHabits
from mppkit.rehearsal.loading import load_profile
from mppkit.rehearsal.log import read_log
from mppkit.rehearsal.permits import RehearsedPermits
from mppkit.rehearsal.profile import Profile
from mppkit.rehearsal.report import report
from mppkit.rehearsal.run import Rehearsal, RehearsedDay, rehearse
from mppkit.rehearsal.survey import RehearsedSurvey
from mppkit.rehearsal.visits import Finding, Plan, Visit

__all__ = [
    "Finding",
    "Habits",
    "PermitHabits",
    "Plan",
    "Profile",
    "Rehearsal",
    "RehearsedDay",
    "RehearsedPermits",
    "RehearsedSurvey",
    "SurveyHabits",
    "Visit",
    "load_profile",
    "read_log",
    "rehearse",
    "report",
]

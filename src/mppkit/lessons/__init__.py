"""Lesson study (*studi tiru*): a visit, what was seen and asked, what becomes of it, and the measured effect.

This room knows no queue, no blueprint and no survey: figures are handed in, an item of an adoption record is a key.
"""

from mppkit.lessons.effects import Effect, Method, Verdict, compare
from mppkit.lessons.figures import Better, Counted, Figure, Indicator, MeanFigure, ShareFigure, Unit
from mppkit.lessons.minutes import minutes
from mppkit.lessons.model import (
    Delegation,
    Measurement,
    Observation,
    ProgrammeItem,
    Question,
    Resolution,
    Subject,
    SubjectKind,
    Uptake,
    Visit,
    VisitStatus,
)
from mppkit.lessons.report import report

__all__ = [
    "Better",
    "Counted",
    "Delegation",
    "Effect",
    "Figure",
    "Indicator",
    "MeanFigure",
    "Measurement",
    "Method",
    "Observation",
    "ProgrammeItem",
    "Question",
    "Resolution",
    "ShareFigure",
    "Subject",
    "SubjectKind",
    "Unit",
    "Uptake",
    "Verdict",
    "Visit",
    "VisitStatus",
    "compare",
    "minutes",
    "report",
]

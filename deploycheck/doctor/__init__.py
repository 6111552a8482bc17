"""Before anybody deploys: can everything be looked at, and what will the checks touch? Writes nothing."""

from deploycheck.doctor.examination import Examination, examine

__all__ = ["Examination", "examine"]

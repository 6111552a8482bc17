"""What each item asks of the gateway, question by question, so that one fault never hides another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from deploycheck.gateway import Gateway
from deploycheck.questions import deployment, errors, health
from deploycheck.questions.question import Question

# Item id -> the questions it asks on an environment, made from its profile. Asking nothing here looks at anything yet.
QUESTIONS: Mapping[str, Callable[[Gateway], Sequence[Question]]] = {
    "deploy.logged": deployment.logged,
    "deploy.backup": deployment.backup,
    "deploy.executed": deployment.executed,
    "deploy.progress": deployment.progress,
    "health.endpoint": health.endpoints,
    "errors.log": errors.logs,
    "errors.failed-jobs": errors.failed,
}

__all__ = ["QUESTIONS", "Question"]

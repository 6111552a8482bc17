"""The deployment runbook of the AskProAI API gateway, executable: what the checks in `tests_*` are made of."""

__version__ = "0.1.0"

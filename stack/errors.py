"""What the stack says when it cannot do what it was asked for."""

from __future__ import annotations


class StackError(Exception):
    """One sentence for the person at the terminal: what was seen, what is required, where. Ends the command with exit code 2."""

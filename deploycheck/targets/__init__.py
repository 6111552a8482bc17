"""Clients of our own machines: each looks at one thing and returns what it saw."""

"""Clients of other people's services."""

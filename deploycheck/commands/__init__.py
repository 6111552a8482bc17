"""What `python -m deploycheck` does, one module per command; each returns what to print, and an exit code where 0 is not the only one."""

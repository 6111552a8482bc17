"""Load, made by locust in a process of its own: gevent must never get into the process of the checks."""

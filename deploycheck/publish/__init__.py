"""A run's verdict and reports, taken to where people look: GitHub, Jira, Slack. None of it can change the verdict."""

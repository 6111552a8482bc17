"""Stand-ins for the vendors that cannot run here, in one process: Cal.com v2, Retell, SMS (Twilio), GitHub, Slack, PagerDuty, status
pages, Stripe and Grafana.

The shapes are those of the vendors' documentation; each vendor's behaviour is set through `/__state` (see `state`).
"""

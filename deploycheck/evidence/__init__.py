"""What a run saw, kept so that it can be shown to somebody who was not there."""

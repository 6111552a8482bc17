"""The watch: one sampler, beside the other checks, that feeds the rollback triggers."""

"""Reports, rendered from a run's journal and from nothing else."""

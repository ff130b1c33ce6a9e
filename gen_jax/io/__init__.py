"""Everything that touches a disk: checkpoints, the run directory, metrics, image files, the report."""

"""The pages that a service shows: templates, and the files that they load from it and from nowhere else."""

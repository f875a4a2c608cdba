"""Background work: a schedule and a queue, each run a process of its own with a hard deadline."""

"""Processes: tasks that run in parallel, and child processes that end with their parent."""

"""Tests of the facts: what the sources say, and nothing else."""

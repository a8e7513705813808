"""``python -m kzus_graph`` is the command ``kzus-graph``."""

from kzus_graph.cli import main

main()

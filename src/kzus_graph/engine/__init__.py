"""The engine: a graph held in memory, asked only by sealed processes that can be stopped."""

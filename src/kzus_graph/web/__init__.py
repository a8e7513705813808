"""The web application, in packages by subject; ``docs/architecture.md`` describes each."""

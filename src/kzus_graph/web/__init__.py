"""The web application, one package for each subject; ``docs/architecture.md`` describes the packages."""

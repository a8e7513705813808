"""The web application and the rooms that it is made of (``docs/architecture.md``)."""

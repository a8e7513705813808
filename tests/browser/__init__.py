"""Tests that a person's browser would make: Chromium without a window, driven by Playwright."""

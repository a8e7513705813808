"""What hostile clients, odd requests and broken files must not achieve; each case was found by trying."""

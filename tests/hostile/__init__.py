"""What strangers may do to the server, on purpose or by accident, and what it does then."""

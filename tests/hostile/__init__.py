"""What hostile clients, hostile data and odd machines did, each as a test that it does so no more."""

"""What answers HTTP: the hooks, the API, the console, health and metrics."""

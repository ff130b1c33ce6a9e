"""The service over HTTP: places, bodies, problems, documentation, the process that listens."""

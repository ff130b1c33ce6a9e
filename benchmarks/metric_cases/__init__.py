"""One measure a module: ``STORY`` and ``sides(share) -> {library: work}``; work returns the values it computed."""

"""Models over HTTP: versions that change while requests are under way, queues with an end, nothing kept."""

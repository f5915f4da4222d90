"""How the service does, without a word of what it reads: metrics, logs, traces, an audit, usage and drift."""

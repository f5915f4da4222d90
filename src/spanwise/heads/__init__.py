"""What stands on an encoder: heads that turn its output into tags and spans, and their losses."""

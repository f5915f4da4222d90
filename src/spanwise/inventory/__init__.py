"""What is in a folder of documents: formats, layouts, languages, what cannot be read, and duplicates."""

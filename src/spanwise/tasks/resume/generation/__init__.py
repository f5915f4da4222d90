"""Made-up résumés with their truth: one JSON Resume, rendered as PDF, DOCX and TXT by families of layouts."""

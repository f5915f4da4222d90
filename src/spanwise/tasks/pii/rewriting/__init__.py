"""Masked documents as files: text, DOCX with its formatting, PDF made anew."""

"""What people read: figures, pages and the model card. All is formatted here, nothing measured."""

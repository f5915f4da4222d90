"""The HTTP side of the service: `app.create_app`."""

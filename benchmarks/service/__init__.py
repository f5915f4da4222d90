"""The service under load: beside a naive one, overloaded, swapped, attacked, soaked, drained and killed."""

"""One module per problem, each ending in `TASK = Task(...)`."""

"""One package per problem, each ending in `TASK = Task(...)`."""

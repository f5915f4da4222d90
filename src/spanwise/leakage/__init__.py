"""What a split by rows makes of a corpus that holds each document twice: a study, no part of the pipeline."""

"""Commands to edits: `decide` is pure, `desk` is the one writer of the plan."""

"""Control: `control` puts its parts together, `process` runs it under the supervisor."""

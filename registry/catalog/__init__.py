"""The catalogue of the event log: every kind of fact, its subject and its data, in one place."""

"""The room that knows: organisations, people, charge point identities."""

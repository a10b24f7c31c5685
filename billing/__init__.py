"""The room that earns: tariffs, rating, CDRs."""

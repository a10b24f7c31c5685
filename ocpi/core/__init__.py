"""What every OCPI module shares: fields, envelope, tokens, paging, routing, the client, the registry."""

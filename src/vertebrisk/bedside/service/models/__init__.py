"""What the service says of its models, as documents and on pages."""

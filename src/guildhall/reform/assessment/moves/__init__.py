"""The assessment's writes: one function a use case, one transaction each, all checks inside."""

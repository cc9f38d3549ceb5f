"""What pages and examples say of the fault kinds, made from their classes."""

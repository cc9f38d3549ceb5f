"""Reading records back."""

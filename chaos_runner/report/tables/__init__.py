"""Tables as data, the same for HTML and Markdown."""

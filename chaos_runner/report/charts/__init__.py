"""Charts as data: axes, curves, time lines; a template turns them into SVG."""
